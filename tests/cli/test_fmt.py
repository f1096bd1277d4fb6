from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import SMALL_PROJECT, GitProject, git_project

UNSTYLED = "schedule: {cron: '0 9 * * *'}\nprompt: x\nmodel: default\n"
STYLED = 'prompt: x\nmodel: default\nschedule: {cron: "0 9 * * *"}\n'


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return git_project(tmp_path, {**SMALL_PROJECT, "tasks/a.yaml": UNSTYLED})


def test_fmt_rewrites_what_is_not_in_the_style_and_names_it(project: GitProject) -> None:
    outcome = project.octops("fmt")
    assert (outcome.code, outcome.out, outcome.err) == (0, "tasks/a.yaml\n", "")
    assert (project.root / "tasks/a.yaml").read_text() == STYLED
    assert project.octops("fmt", "--check").code == 0


def test_check_writes_nothing_and_exits_1(project: GitProject) -> None:
    outcome = project.octops("fmt", "--check")
    assert (outcome.code, outcome.out) == (1, "tasks/a.yaml\n")
    assert (project.root / "tasks/a.yaml").read_text() == UNSTYLED


def test_diff_shows_and_writes_nothing(project: GitProject) -> None:
    outcome = project.octops("fmt", "--diff")
    assert outcome.code == 0
    assert "+++ tasks/a.yaml" in outcome.out
    assert '+schedule: {cron: "0 9 * * *"}' in outcome.out
    assert (project.root / "tasks/a.yaml").read_text() == UNSTYLED


def test_a_diff_with_check_is_exit_1(project: GitProject) -> None:
    assert project.octops("fmt", "--diff", "--check").code == 1


@pytest.mark.parametrize("text", ["prompt: [\n", "prompt: x\npromt: y\n", "prompt: &a x\n", "prompt: x\nprompt: y\n"])
def test_a_file_with_mistakes_is_left_alone_with_a_message(project: GitProject, text: str) -> None:
    project.write({"tasks/b.yaml": text})
    outcome = project.octops("fmt")
    assert outcome.code == 1
    assert "--> tasks/b.yaml:" in outcome.err
    assert (project.root / "tasks/b.yaml").read_text() == text
    assert (project.root / "tasks/a.yaml").read_text() == STYLED


def test_only_the_named_file_is_rewritten(project: GitProject) -> None:
    project.write({"tasks/b.yaml": UNSTYLED})
    assert project.octops("fmt", "tasks/b.yaml").out == "tasks/b.yaml\n"
    assert (project.root / "tasks/a.yaml").read_text() == UNSTYLED


def test_a_name_that_is_no_file_is_an_error(project: GitProject) -> None:
    outcome = project.octops("fmt", "tasks/none.yaml")
    assert (outcome.code, outcome.out) == (1, "")
    assert "there is no file" in outcome.err


def test_line_ends_and_byte_order_marks_become_ordinary(project: GitProject) -> None:
    project.write({"tasks/a.yaml": b"\xef\xbb\xbfprompt: x\r\nmodel: default\r\n"})
    project.octops("fmt")
    assert (project.root / "tasks/a.yaml").read_bytes() == b"prompt: x\nmodel: default\n"


def test_rights_and_links_stay(project: GitProject) -> None:
    (project.root / "tasks/a.yaml").chmod(0o640)
    (project.root / "tasks/linked.yaml").symlink_to("a.yaml")
    project.octops("fmt")
    assert (project.root / "tasks/a.yaml").stat().st_mode & 0o777 == 0o640
    assert (project.root / "tasks/linked.yaml").is_symlink()
    assert list((project.root / "tasks").glob(".*")) == []


def test_the_plan_is_the_same_after_it(project: GitProject) -> None:
    before = project.octops("plan", "--now", "2026-03-02T08:00Z", "--format", "json").out
    project.octops("fmt")
    after = project.octops("plan", "--now", "2026-03-02T08:00Z", "--format", "json").out
    assert "task.a" in after
    assert before.count("task.") == after.count("task.")


def test_a_folder_without_files_is_told_about_init(tmp_path: Path) -> None:
    outcome = git_project(tmp_path).octops("fmt")
    assert outcome.code == 1
    assert "octops init" in outcome.err


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (b"---\r\nprompt: x\r\n---\r\n\r\nOne.\r\nTwo.\r\n", b"---\nprompt: x\n---\n\nOne.\r\nTwo.\r\n"),
        (b"\xef\xbb\xbf---\nname:  a\n---\nOne.\rTwo.\r\nThree.", b"---\nname: a\n---\nOne.\rTwo.\r\nThree."),
        (b"---\nname:  a\n---\n", b"---\nname: a\n---\n"),
        (b"---\nname:  a\n---", b"---\nname: a\n---"),
        (b"Only a text.\r\n", b"Only a text.\r\n"),
    ],
)
def test_the_body_of_a_markdown_file_keeps_every_byte(project: GitProject, written: bytes, wanted: bytes) -> None:
    project.write({"skills/s/SKILL.md": written.replace(b"prompt", b"description")})
    project.octops("fmt", "skills/s/SKILL.md")
    assert (project.root / "skills/s/SKILL.md").read_bytes() == wanted.replace(b"prompt", b"description")
    assert project.octops("fmt", "--check", "skills/s/SKILL.md").code == 0


@pytest.mark.parametrize("kind", ["skill", "task"])
def test_a_new_file_whose_text_has_other_line_ends_is_in_the_style(project: GitProject, kind: str) -> None:
    settings = ["--set", "description=d"]
    assert project.octops("new", kind, "s", "--text", "a\r\nb", *settings).code == 0
    assert project.octops("fmt", "--check", "skills/s/SKILL.md" if kind == "skill" else "tasks/s.yaml").code == 0
