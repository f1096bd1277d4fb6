"""Which files are the project's."""

from __future__ import annotations

import pytest

from octops.declare.layout import MAX_FOLDERS, bad_name, select, shown
from octops.errors import Severity


def said(*paths: str) -> list[tuple[str, str, str]]:
    return [
        (diagnostic.severity.value, diagnostic.code, diagnostic.location.filename if diagnostic.location else "")
        for diagnostic in select(paths).diagnostics
    ]


def test_the_files_of_the_four_folders_are_read_sorted() -> None:
    paths = [
        "tasks/b.md",
        "octops.yaml",
        "tasks/team/a.yaml",
        "tasks/a.yml",
        "skills/style/SKILL.md",
        "skills/tone.md",
        "skills/group/inner/SKILL.md",
        "sources/x.yaml",
        "destinations/y.yaml",
        "docs/z.yaml",
        "README.md",
        "src/tasks/a.yaml",
    ]

    chosen = select(paths)

    assert chosen.files == (
        "destinations/y.yaml",
        "octops.yaml",
        "skills/group/inner/SKILL.md",
        "skills/style/SKILL.md",
        "skills/tone.md",
        "sources/x.yaml",
        "tasks/a.yml",
        "tasks/b.md",
        "tasks/team/a.yaml",
    )
    assert chosen.diagnostics == ()


def test_what_a_skill_brings_along_is_left_alone() -> None:
    chosen = select(["skills/a/SKILL.md", "skills/a/run.py", "skills/a/references/b.md", "skills/a/inner/SKILL.md"])

    assert chosen.files == ("skills/a/SKILL.md",)
    assert chosen.diagnostics == ()


@pytest.mark.parametrize(
    "path",
    [
        "tasks/README.md",
        "skills/readme.txt",
        "tasks/x/README",
        "tasks/.gitkeep",
        "tasks/.x.yaml",
        "tasks/node_modules/a.yaml",
        "tasks/__pycache__/a.yaml",
    ],
)
def test_what_lies_in_every_repository_is_passed_over_in_silence(path: str) -> None:
    assert select([path]).files == ()
    assert said(path) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tasks/notes.txt", ("warning", "ignored-file", "tasks/notes.txt")),
        ("tasks/a.json", ("warning", "ignored-file", "tasks/a.json")),
        ("tasks/a.YAML", ("warning", "ignored-file", "tasks/a.YAML")),
        ("sources/a.md", ("warning", "ignored-file", "sources/a.md")),
        ("skills/a.yaml", ("warning", "ignored-file", "skills/a.yaml")),
        ("skills/style/skill.md", ("warning", "ignored-file", "skills/style/skill.md")),
        ("tasks/.drafts/a.yaml", ("warning", "ignored-folder", "tasks/.drafts")),
        ("tasks/a\nb.yaml", ("error", "bad-file-name", "tasks/a\\nb.yaml")),
        ("tasks/a\x1b[31m.txt", ("error", "bad-file-name", "tasks/a\\x1b[31m.txt")),
        ("tasks/a\udcff.yaml", ("error", "bad-file-name", "tasks/a\\xff.yaml")),
        ("tasks/a\u202eb.yaml", ("error", "bad-file-name", "tasks/a\\u202eb.yaml")),
        ("tasks/a\\b.yaml", ("error", "bad-file-name", "tasks/a\\\\b.yaml")),
        ("tasks/x\ny/a.yaml", ("error", "bad-file-name", "tasks/x\\ny")),
        ("octops.yml", ("error", "file-name", "octops.yml")),
    ],
)
def test_what_is_not_read_is_said(path: str, expected: tuple[str, str, str]) -> None:
    assert select([path]).files == ()
    assert said(path) == [expected]


def test_a_second_project_file_is_only_a_warning() -> None:
    assert said("octops.yaml", "octops.yml") == [("warning", "ignored-file", "octops.yml")]


@pytest.mark.parametrize("inner", [("HEAD", "config", "objects/x", "refs/y"), (".git/config",)])
def test_a_repository_inside_is_skipped(inner: tuple[str, ...]) -> None:
    paths = [f"tasks/evil/{path}" for path in inner] + ["tasks/evil/a.yaml", "tasks/b.yaml"]

    assert select(paths).files == ("tasks/b.yaml",)
    assert said(*paths) == [("warning", "ignored-folder", "tasks/evil")]


def test_folders_end_somewhere() -> None:
    deepest = "tasks" + "/x" * MAX_FOLDERS + "/a.yaml"

    assert select([deepest]).files == (deepest,)
    assert [code for _, code, _ in said(deepest.replace("a.yaml", "y/a.yaml"))] == ["too-deep"]


@pytest.mark.parametrize("name", ["a.yaml", "Bericht für März.yaml", "日本.md", "a b.yaml", "-x.yaml"])
def test_a_name_that_can_be_shown_is_no_error_here(name: str) -> None:
    assert bad_name("tasks", name) is None


def test_a_path_is_one_line_wherever_it_is_shown() -> None:
    assert shown("tasks/é\n\r\x00\u2028\udc80\\.yaml") == "tasks/é\\n\\r\\x00\\u2028\\x80\\\\.yaml"


def test_warnings_are_warnings() -> None:
    assert {diagnostic.severity for diagnostic in select(["tasks/notes.txt"]).diagnostics} == {Severity.WARNING}
