"""What a plan between two commits says of octops.yaml, whatever the base was like, and of a project that is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import GitProject, git_project

TASK = "prompt: hi\nmodel: openai/x\n"
SETTINGS = "version: 1\ndefaults: {model: openai/x}\n"
OPENED = """\
apply: {forks: true, branches: ["*"]}
preview: {forks: true}
network: {allow: ["evil.example"]}
records: {push: false}
"""
TOLD = (
    "`records.push` was `true` and is `false`",
    '`apply.branches` was `not set` and is `["*"]`',
    "`apply.forks` was `false` and is `true`",
    "`preview.forks` was `false` and is `true`",
    '`network.allow` was `not set` and is `["evil.example"]`',
)


def plan(project: GitProject, *arguments: str) -> str:
    outcome = project.octops("plan", "--base", "main", "--format", "markdown", *arguments)
    assert outcome.code == 0, outcome
    return outcome.out


def branch(folder: Path, files: dict[str, str | bytes]) -> GitProject:
    project = git_project(folder, files)
    project.git("switch", "--quiet", "-c", "change")
    return project


@pytest.mark.parametrize(
    "base",
    [
        {"octops.yaml": SETTINGS, "tasks/bad.yaml": "prompts: x\n"},
        {"octops.yaml": "version: 1\nparalelism: 3\n"},
        {"tasks/good.yaml": TASK},
        {"tasks/bad.yaml": "prompts: x\n"},
        {"README.md": "nothing yet"},
    ],
    ids=["a task is invalid", "octops.yaml is invalid", "no octops.yaml", "neither is right", "no project"],
)
def test_a_project_is_not_opened_unseen_whatever_the_base_was_like(
    tmp_path: Path, base: dict[str, str | bytes]
) -> None:
    project = branch(tmp_path, base)
    project.write({"octops.yaml": SETTINGS + OPENED, "tasks/bad.yaml": "prompt: x\n"})
    project.commit()
    text = plan(project)
    first = text[text.index("Look at these first") :]
    assert [told for told in TOLD if told not in first] == []


def test_a_broken_task_of_the_base_hides_no_deleted_octops_yaml(tmp_path: Path) -> None:
    project = branch(tmp_path, {"octops.yaml": SETTINGS, "tasks/a.yaml": TASK, "tasks/bad.yaml": "prompts: x\n"})
    (project.root / "octops.yaml").unlink()
    (project.root / "tasks/bad.yaml").unlink()
    assert "octops\\.yaml is deleted" in plan(project)


@pytest.mark.parametrize("settings", [SETTINGS + "budget: {day_usd: 5}\n", None], ids=["with", "without octops.yaml"])
def test_a_project_that_is_deleted_shows_its_tasks_as_deleted(tmp_path: Path, settings: str | None) -> None:
    files: dict[str, str | bytes] = {"README.md": "x", "tasks/a.yaml": TASK, "tasks/b.yaml": TASK}
    project = branch(tmp_path, {**files, **({"octops.yaml": settings} if settings else {})})
    project.git("rm", "-r", "--quiet", "tasks", *(["octops.yaml"] if settings else []))
    project.commit()
    text = plan(project)
    assert "### Plan: 0 to add, 0 to change, 2 to destroy." in text
    assert text.index("Look at these first") < text.index("the task is deleted and will not run again")
    if settings:
        first = text[text.index("Look at these first") :].splitlines()[2]
        assert first.startswith("- octops\\.yaml is deleted")
        assert "`budget.day_usd` was `5` and is `not set`" in first


def test_where_neither_side_has_a_project_nothing_can_be_planned(tmp_path: Path) -> None:
    project = branch(tmp_path, {"README.md": "x"})
    outcome = project.octops("plan", "--base", "main")
    assert (outcome.code, "error[no-project]" in outcome.err) == (1, True)
