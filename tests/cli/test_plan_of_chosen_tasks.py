"""`octops plan --base REV --task ID`: only these tasks, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kit import GitProject, git_project

TASK = "prompt: hi\nmodel: openai/x\nschedule: {frequency: daily, at: '18:00'}\n"
NAMES = ("a", "b", "gone", "kept", "old")


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    project = git_project(tmp_path, {f"tasks/{name}.yaml": f"{TASK}name: {name}\n" for name in NAMES})
    project.git("switch", "--quiet", "-c", "change")
    project.write({"tasks/a.yaml": TASK + "owner: me\n", "tasks/b.yaml": TASK + "owner: me\n"})
    (project.root / "tasks/gone.yaml").unlink()
    project.git("mv", "tasks/old.yaml", "tasks/new.yaml")
    project.commit()
    return project


def plan(project: GitProject, *tasks: str, format_: str = "json") -> str:
    chosen = [word for task in tasks for word in ("--task", task)]
    outcome = project.octops("plan", "--base", "main", "--format", format_, *chosen)
    assert outcome.code == 0, outcome.err
    return outcome.out


@pytest.mark.parametrize(
    ("chosen", "changed", "upcoming", "unchanged"),
    [
        (("a",), ["task.a"], ["a"], 0),
        (("a", "gone"), ["task.a", "task.gone"], ["a"], 0),
        (("kept",), [], [], 1),
        (("kept", "b"), ["task.b"], ["b"], 1),
        (("new",), ["task.new"], ["new"], 0),
    ],
)
def test_only_the_chosen_tasks_are_compared(
    project: GitProject, chosen: tuple[str, ...], changed: list[str], upcoming: list[str], unchanged: int
) -> None:
    document = json.loads(plan(project, *chosen))
    assert [change["address"] for change in document["resource_changes"]] == changed
    assert [one["task"] for one in document["upcoming"]] == upcoming
    assert document["octops"]["unchanged"] == unchanged


def test_a_renamed_task_is_chosen_with_what_it_was(project: GitProject) -> None:
    project.write({"octops.yaml": "version: 1\nmoved: [{from: old, to: new}]\n"})
    (change,) = json.loads(plan(project, "new"))["resource_changes"]
    assert change["previous_address"] == "task.old"


@pytest.mark.parametrize("format_", ["text", "markdown", "github"])
def test_every_format_is_about_the_chosen_tasks(project: GitProject, format_: str) -> None:
    text = plan(project, "a", format_=format_)
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in text
    assert "gone" not in text


def test_an_unknown_task_is_refused_as_without_a_base(project: GitProject) -> None:
    with_base = project.octops("plan", "--base", "main", "--task", "kpt")
    assert (with_base.code, with_base.err) == (1, project.octops("plan", "--task", "kpt").err)
    assert "error[unknown-task]: there is no task `kpt`" in with_base.err
