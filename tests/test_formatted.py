"""What octops ships and writes stands in the style that `octops fmt` writes: nobody's first `fmt` shows a change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from octops.app.demonstrating import Asked, example_files, with_model
from octops.app.formatting import format_project
from octops.app.workspace import open_workspace
from octops.starter import TASKS, starter_files
from tests.kit import ROOT, GitProject, git_project


def changed_by_fmt(root: Path) -> list[str]:
    formatting = format_project(open_workspace(root))
    assert formatting.diagnostics == ()
    return [it.path for it in formatting.restyled]


def written_to(folder: Path, files: Mapping[str, str]) -> Path:
    return GitProject(folder).write(dict(files)).root


def test_every_file_of_the_example_is_formatted() -> None:
    assert changed_by_fmt(ROOT / "examples") == []


@pytest.mark.parametrize("task", TASKS)
def test_every_file_init_writes_is_formatted(tmp_path: Path, task: str) -> None:
    files = starter_files(timezone="Europe/Berlin", model="openai/gpt-5-mini", task=task)
    assert changed_by_fmt(written_to(tmp_path, files)) == []


@pytest.mark.parametrize(
    "asked",
    [
        Asked(model="openai/gpt-5-mini"),
        Asked(model="local/qwen2.5-coder-1.5b"),
        Asked(model="openai/mine", api_base="http://localhost:11434/v1"),
    ],
    ids=["listed", "local", "own server"],
)
def test_every_file_of_the_demo_is_formatted(tmp_path: Path, asked: Asked) -> None:
    files = {**example_files()}
    files["octops.yaml"] = with_model(files["octops.yaml"], asked)
    assert changed_by_fmt(written_to(tmp_path, files)) == []


NEW = [
    ("task", "news", "--text", "Say what is new.\nIn five lines.", "--schedule", "weekly monday,friday 09:00"),
    ("skill", "plain", "--set", "description=How: we write"),
    ("source", "notes", "--type", "local", "--set", "include=**/*.md", "--set", "path=docs"),
    ("destination", "chat", "--type", "slack", "--set", "url=SLACK_WEBHOOK_URL"),
]


def test_every_file_new_writes_is_formatted(tmp_path: Path) -> None:
    project = git_project(tmp_path, {"octops.yaml": "version: 1\ndefaults: {model: openai/gpt-5-mini}\n"})
    outcomes = [project.octops("new", *arguments) for arguments in NEW]
    assert [(it.code, it.err) for it in outcomes] == [(0, "")] * len(NEW)
    assert changed_by_fmt(project.root) == []
