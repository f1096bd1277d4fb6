from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import on_a_terminal
from tests.kit import GitProject, git_project


@pytest.fixture
def empty(tmp_path: Path) -> GitProject:
    return git_project(tmp_path)


def test_what_init_writes_is_valid_and_plans(empty: GitProject) -> None:
    assert empty.octops("init", "--timezone", "Europe/Berlin").code == 0
    assert empty.octops("validate", "--strict").code == 0
    assert "task.weekly-digest" in empty.octops("plan").out


def test_every_written_file_points_editors_to_a_schema_that_is_there(empty: GitProject) -> None:
    empty.octops("init")
    marker = "# yaml-language-server: $schema="
    for path in [empty.root / "octops.yaml", *empty.root.glob("[tsd]*/*.yaml")]:
        first = path.read_text().splitlines()[0]
        assert first.startswith(marker)
        assert (path.parent / first.removeprefix(marker)).is_file()


def test_init_never_writes_over_a_file(empty: GitProject) -> None:
    empty.write({"tasks/weekly-digest.yaml": "prompt: mine\n"})
    outcome = empty.octops("init")
    assert (empty.root / "tasks/weekly-digest.yaml").read_text() == "prompt: mine\n"
    assert "kept     tasks/weekly-digest.yaml" in outcome.out


def test_a_second_init_changes_nothing(empty: GitProject) -> None:
    empty.octops("init")
    empty.commit()
    empty.octops("init")
    assert empty.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--timezone", "Europe/Berln"], "did you mean `Europe/Berlin`?"),
        (["--timezone", "../etc/passwd"], "is not an IANA time zone"),
        (["--model", "a model"], "is not a model id"),
        (["--model", "x\nbudget: {}"], "is not a model id"),
    ],
)
def test_a_wrong_answer_writes_nothing(empty: GitProject, arguments: list[str], said: str) -> None:
    outcome = empty.octops("init", *arguments)
    assert outcome.code == 1
    assert said in outcome.err
    assert [path.name for path in empty.root.iterdir()] == [".git"]


def test_a_folder_that_cannot_be_written_is_said(empty: GitProject) -> None:
    empty.write({"tasks": "a file where the folder should be\n"})
    outcome = empty.octops("init")
    assert outcome.code == 1
    assert "cannot write" in outcome.err


def test_the_model_of_a_known_provider_gets_its_key_by_reference(empty: GitProject) -> None:
    empty.octops("init", "--model", "openai/gpt-5-mini")
    assert "api_key: {env: OPENAI_API_KEY}" in (empty.root / "octops.yaml").read_text()


@pytest.mark.parametrize("task", ["weekly-digest", "release-notes", "answer-question"])
def test_every_first_task_is_valid_and_plans_without_a_remark(empty: GitProject, task: str) -> None:
    assert empty.octops("init", "--task", task).code == 0
    empty.commit()
    assert empty.octops("validate", "--strict").code == 0
    assert f"task.{task} will be created" in empty.octops("plan").out


def test_a_folder_with_files_is_fine_and_they_stay(empty: GitProject) -> None:
    empty.write({"README.md": "mine\n", "src/app.py": "pass\n", ".gitignore": "dist"})
    outcome = empty.octops("init")

    assert outcome.code == 0
    assert (empty.root / "README.md").read_text() == "mine\n"
    assert (empty.root / ".gitignore").read_text() == "dist\nplan.json\n"
    assert "added to .gitignore" in outcome.out


@pytest.mark.parametrize("line", ["plan.json", "/plan.json"])
def test_a_line_that_is_there_is_not_added_again(empty: GitProject, line: str) -> None:
    empty.write({".gitignore": f"{line}\nx\n"})
    empty.octops("init")
    assert (empty.root / ".gitignore").read_text() == f"{line}\nx\n"


def test_a_linked_gitignore_is_left_alone(empty: GitProject) -> None:
    empty.write({"shared": "x\n"})
    (empty.root / ".gitignore").symlink_to("shared")
    assert empty.octops("init").code == 0
    assert (empty.root / "shared").read_text() == "x\n"


def test_it_ends_with_the_three_next_commands(empty: GitProject) -> None:
    lines = empty.octops("init").out.partition("Next:\n")[2].splitlines()
    assert [line.split("  ")[1] for line in lines] == [
        "octops validate",
        "octops plan",
        'git add . && git commit -m "First task"',
    ]


def test_outside_git_it_says_git_init_and_with_the_option_does_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = GitProject(tmp_path / "one"), GitProject(tmp_path / "two")

    assert "git init && git add ." in one.octops("init").out
    assert not (one.root / ".git").exists()
    assert not (one.root / ".gitignore").exists()
    assert "git init" not in two.octops("init", "--git").out
    assert two.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert (two.root / ".gitignore").read_text() == "plan.json\n"


def test_a_wrong_answer_makes_no_repository(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    GitProject(tmp_path / "one").octops("init", "--git", "--timezone", "Mars/Olympus")
    assert list((tmp_path / "one").iterdir()) == []


def test_without_git_the_option_says_so(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    outcome = GitProject(tmp_path / "one").octops("init", "--git", PATH=str(tmp_path))
    assert (outcome.code, "`git` was not found" in outcome.err) == (1, True)
    assert list((tmp_path / "one").iterdir()) == []


def test_on_a_terminal_it_asks_for_what_no_option_says(empty: GitProject) -> None:
    shown = on_a_terminal(empty, "Mars/Olympus\nEurope/Berlin\n\nanswer-question\n", "init", OPENAI_API_KEY="x")

    assert "`Mars/Olympus` is not an IANA time zone" in shown
    assert "timezone: Europe/Berlin" in (empty.root / "octops.yaml").read_text()
    assert "model: openai/gpt-5-mini" in (empty.root / "octops.yaml").read_text()
    assert (empty.root / "tasks/answer-question.yaml").is_file()


def test_on_a_terminal_nothing_is_asked_that_options_say(empty: GitProject) -> None:
    options = ("--timezone", "UTC", "--model", "openai/gpt-5", "--task", "release-notes")
    assert "?" not in on_a_terminal(empty, "", "init", *options)
    assert (empty.root / "tasks/release-notes.yaml").is_file()


@pytest.mark.parametrize("folder", [".git", ".git/hooks"])
def test_the_folder_of_git_itself_is_no_place_for_a_project(empty: GitProject, folder: str) -> None:
    (empty.root / folder).mkdir(exist_ok=True)
    outcome = empty.octops("-C", folder, "init")
    assert (outcome.code, outcome.out) == (1, "")
    assert "belongs to git itself" in outcome.err
    assert not (empty.root / folder / "octops.yaml").exists()


@pytest.mark.parametrize("option", ["--model", "--timezone"])
def test_an_empty_answer_is_a_wrong_one(empty: GitProject, option: str) -> None:
    outcome = empty.octops("init", option, "")
    assert (outcome.code, outcome.out) == (1, "")
    assert "`` is not a" in outcome.err


def test_a_kept_file_with_a_mistake_is_told(empty: GitProject) -> None:
    empty.write({"octops.yaml": "version: 2\n"})
    outcome = empty.octops("init")
    assert outcome.code == 0
    assert "kept     octops.yaml (it was there before, and is not valid: `octops validate` says why)" in outcome.out
