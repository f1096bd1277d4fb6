"""`octops preview` around its runs: its comment, and the workflow that docs/ci.md shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kit import ROOT, SMALL_PROJECT, GitProject, git_project
from tests.platforms.servers import Platform, github

NOW = "2026-03-02T08:47Z"
CI = (ROOT / "docs/ci.md").read_text(encoding="utf-8")


@pytest.fixture
def hub() -> Iterator[Platform]:
    with github() as platform:
        yield platform


def comment(project: GitProject, hub: Platform, *arguments: str) -> None:
    known = {"GITHUB_TOKEN": hub.token, "GITHUB_REPOSITORY": "ada/reports", "GITHUB_API_URL": hub.url}
    outcome = project.octops("comment", "--now", NOW, "--pr", "12", *arguments, **known)
    assert outcome.code == 0, outcome.err


def preview(project: GitProject) -> str:
    outcome = project.octops("preview", "--base", "HEAD", "--now", NOW)
    assert outcome.code == 0, outcome.err
    return outcome.out


def test_the_preview_and_the_plan_have_a_comment_each(project: GitProject, hub: Platform) -> None:
    project.write({"preview.md": preview(project)})
    for arguments in (("--base", "HEAD"), ("--file", "preview.md"), ("--base", "HEAD"), ("--file", "preview.md")):
        comment(project, hub, *arguments)
    assert [body.splitlines()[0] for body in hub.bodies] == ["<!-- octops-plan -->", "<!-- octops-preview -->"]


def test_two_projects_have_a_preview_each(tmp_path: Path, hub: Platform) -> None:
    both = git_project(
        tmp_path, {f"{folder}/{name}": text for folder in ("a", "b") for name, text in SMALL_PROJECT.items()}
    )
    for folder in ("a", "b", "a"):
        both.write({"preview.md": both.octops("preview", "-C", folder, "--base", "HEAD", "--now", NOW).out})
        comment(both, hub, "-C", folder, "--file", "preview.md")
    assert [body.splitlines()[0] for body in hub.bodies] == ["<!-- octops-preview: a -->", "<!-- octops-preview: b -->"]


def test_a_preview_of_nothing_begins_no_comment_when_it_is_to_be_quiet(project: GitProject, hub: Platform) -> None:
    project.write({"preview.md": preview(project)})
    comment(project, hub, "--file", "preview.md", "--quiet-if-unchanged")
    assert hub.bodies == []


def test_outside_git_it_says_what_it_needs(tmp_path: Path) -> None:
    plain = GitProject(tmp_path / "plain")
    plain.root.mkdir()
    plain.write(SMALL_PROJECT)
    outcome = plain.octops("preview", "--base", "main")
    assert (outcome.code, "error[no-repository]" in outcome.err) == (1, True)


def workflow() -> dict[str, Any]:
    (text,) = re.findall(r"<!-- preview -->\n```yaml\n(.*?)```\n", CI, re.DOTALL)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_the_workflow_of_the_docs_previews_and_comments_whatever_became_of_the_runs(tmp_path: Path) -> None:
    octops = tmp_path / "octops"
    octops.write_text('#!/bin/sh\necho "$@" >> "$RUNNER_TEMP/calls"\necho said\n[ "$1" != preview ] || exit 3\n')
    octops.chmod(0o755)
    environ = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_SERVER_URL": "https://x",
        "TOKEN": "t",
    }
    (job,) = workflow()["jobs"].values()
    codes = [
        subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step["run"]], env=environ, check=False).returncode
        for step in job["steps"]
        if step.get("name") in ("Preview", "Comment")
    ]
    assert codes == [3, 0]
    assert (tmp_path / "calls").read_text().splitlines() == [
        "preview --base HEAD^1",
        f"comment --quiet-if-unchanged --file {tmp_path}/preview.md",
    ]


def test_the_workflow_of_the_docs_leaves_forks_out_and_hands_the_token_to_git_alone() -> None:
    (job,) = workflow()["jobs"].values()
    assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    steps = {step.get("name"): step for step in job["steps"]}
    assert "GITHUB_TOKEN" not in steps["Preview"]["env"]
    assert steps["Comment"]["env"].keys() == {"GITHUB_TOKEN"}


def test_zizmor_finds_nothing_in_the_workflow_of_the_docs(tmp_path: Path) -> None:
    zizmor = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which("zizmor")
    if zizmor is None:
        pytest.skip("zizmor is not installed: it comes with the extra `dev`")
    (text,) = re.findall(r"<!-- preview -->\n```yaml\n(.*?)```\n", CI, re.DOTALL)
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "octops-preview.yml").write_text(text)
    done = subprocess.run(
        [zizmor, "--offline", "--persona=auditor", "--no-progress", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_takes_it_as_a_command(tmp_path: Path) -> None:
    octops = tmp_path / "octops-environment/bin/octops"
    octops.parent.mkdir(parents=True)
    octops.write_text('#!/bin/sh\necho "$@"\n')
    octops.chmod(0o755)
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    (script,) = [step["run"] for step in steps if step.get("name") == "octops"]
    given = {"OCTOPS_COMMAND": "preview", "OCTOPS_DIRECTORY": ".", "OCTOPS_ARGUMENTS": "--base\nHEAD^1\n"}
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        env={"PATH": "/usr/bin:/bin", "RUNNER_TEMP": str(tmp_path), **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "-C . preview --base HEAD^1\n"
