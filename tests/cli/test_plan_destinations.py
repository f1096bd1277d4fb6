"""What a plan says of the branch a file destination writes to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kit import GitProject, git_project

FILE = "type: file\npath: README.md\nbranch: {}\n"
FILES: dict[str, str | bytes] = {
    "tasks/a.yaml": "prompt: hi\nmodel: openai/x\ndestinations: [d]\n",
    "destinations/d.yaml": FILE.format("reports"),
}
WARNED = "answers are written to `main`, a branch this project's own files come from"


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    project = git_project(tmp_path, FILES)
    project.git("branch", "base")
    return project


def test_a_destination_turned_to_another_branch_is_new_in_every_format_and_is_warned_of(project: GitProject) -> None:
    assert project.octops("apply", "--only", "definitions", "--auto-approve").code == 0
    project.write({"destinations/d.yaml": FILE.format("main")})
    project.commit()
    text = project.octops("plan")
    assert "! recipient d: README.md on branch main" in text.out
    assert f"warning[writes-own-branch]: {WARNED}" in text.err
    assert "destinations/d.yaml:3:9" in text.err
    markdown = project.octops("plan", "--format", "markdown", "--base", "base").out
    first = markdown[markdown.index("Look at these first") : markdown.index("| task |")]
    assert "new recipient `d: README.md on branch main`" in first
    assert "answers are written to `main`" in first
    (change,) = json.loads(project.octops("plan", "--format", "json").out)["resource_changes"]
    assert change["new_effects"]["recipients"] == ["d: README.md on branch main"]


def test_what_was_written_to_the_own_branch_before_is_no_news_of_a_pull_request(project: GitProject) -> None:
    project.write({"destinations/d.yaml": FILE.format("main")})
    project.commit()
    project.git("branch", "--force", "base")
    project.write({"tasks/a.yaml": "prompt: ho\nmodel: openai/x\ndestinations: [d]\n"})
    assert WARNED not in project.octops("plan", "--base", "base").err
    assert WARNED in project.octops("plan").err


@pytest.mark.parametrize("branch", ["reports", "octops/runs", "maintenance"])
def test_another_branch_is_not_warned_of(project: GitProject, branch: str) -> None:
    project.write({"destinations/d.yaml": FILE.format(branch)})
    assert "writes-own-branch" not in project.octops("plan").err


def test_a_detached_checkout_knows_the_branch_from_the_base_or_the_remote(project: GitProject, tmp_path: Path) -> None:
    project.git("switch", "--quiet", "-c", "change")
    inline = "prompt: hi\nmodel: openai/x\ndestinations:\n  - {type: file, path: tasks/b.yaml, branch: main}\n"
    project.write({"tasks/a.yaml": inline})
    project.commit()
    project.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    clone = GitProject(tmp_path / "clone")
    clone.git("switch", "--quiet", "--detach")
    assert "tasks/a.yaml:4:46" in clone.octops("plan", "--base", "origin/main").err
    clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    assert WARNED in clone.octops("plan").err
