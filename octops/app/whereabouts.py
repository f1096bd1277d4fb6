"""Where an apply is started: refused in CI for pull requests, off the default branch and, on GitHub, in forks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octops.errors import UsageError
from octops.model.project import ApplyPlaces, Settings

if TYPE_CHECKING:
    from octops.app.workspace import Workspace

_LARGEST_EVENT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """What the CI says of its job. A name it does not say is empty."""

    event: str
    """As the platform calls it: `schedule`, `push`, `pull_request`, `merge_request_event` …"""
    for_pull_request: bool
    branch: str
    default_branch: str
    fork: bool = False
    """Only GitHub says it: in GitLab nothing a job is told tells a fork from any other project."""


def check_place(workspace: Workspace, environ: Mapping[str, str], command: str = "apply") -> None:
    """Raises UsageError where `command` must not run. Outside CI, nothing is refused and nothing is read."""
    place = whereabouts(environ, read_event(environ))
    if place is None:
        return
    if place.for_pull_request:
        raise UsageError(
            f"`octops {command}` does not run for pull requests, and this job was started by `{place.event}`",
            code="pull-request",
            detail="a pull request shows a plan (`octops plan --base REF`); start this by a timer, a push or by hand",
        )
    if place.branch == place.default_branch != "" and not place.fork:
        return
    problem = refusal(place, settings_of_default_branch(workspace, place).apply, command)
    if problem is not None:
        raise problem


def whereabouts(environ: Mapping[str, str], event: Mapping[str, Any]) -> Whereabouts | None:
    """None outside the CI systems we know. `event` is what started a GitHub workflow."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return _on_github(environ, event)
    if environ.get("GITLAB_CI") == "true":
        return _on_gitlab(environ)
    return None


def refusal(place: Whereabouts, allowed: ApplyPlaces, command: str = "apply") -> UsageError | None:
    """Why a job that is not for a pull request may not go on; None when it may."""
    if place.fork and not allowed.forks:
        return UsageError(
            f"`octops {command}` does not run in a fork: its records are not those of the original",
            code="fork",
            detail="if this fork lives a life of its own, write `apply: {forks: true}` into its octops.yaml",
        )
    if not place.default_branch:
        return UsageError(
            f"`octops {command}` runs from the default branch, and this job does not say which one that is",
            code="unknown-default-branch",
            detail="keep the file that GITHUB_EVENT_PATH names, or CI_DEFAULT_BRANCH, within reach of this step",
        )
    listed = any(fnmatchcase(place.branch, pattern) for pattern in allowed.branches)
    if place.branch and (listed or place.branch == place.default_branch):
        return None
    here = f"on `{place.branch}`" if place.branch else "not on a branch"
    return UsageError(
        f"`octops {command}` runs from the default branch `{place.default_branch}`, and this job is {here}",
        code="not-default-branch",
        detail=f"merge first; or list the branch under `apply: branches` in octops.yaml on `{place.default_branch}`",
    )


def _on_github(environ: Mapping[str, str], event: Mapping[str, Any]) -> Whereabouts:
    name, ref = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_REF", "")
    earlier = _mapping(event.get("workflow_run")).get("event")
    repository = _mapping(event.get("repository"))
    return Whereabouts(
        event=name,
        # `workflow_run` runs the code of the default branch, but a stranger's pull request can start it.
        for_pull_request=name.startswith("pull_request") or str(earlier).startswith("pull_request"),
        branch=ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else "",
        default_branch=str(repository.get("default_branch") or ""),
        fork=repository.get("fork") is True,
    )


def _on_gitlab(environ: Mapping[str, str]) -> Whereabouts:
    source = environ.get("CI_PIPELINE_SOURCE", "")
    return Whereabouts(
        event=source,
        for_pull_request="request" in source or "CI_MERGE_REQUEST_IID" in environ,
        branch=environ.get("CI_COMMIT_BRANCH", ""),
        default_branch=environ.get("CI_DEFAULT_BRANCH", ""),
    )


def read_event(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """What started a GitHub workflow; empty when it cannot be read, and then nothing is taken for granted."""
    path = environ.get("GITHUB_EVENT_PATH", "")
    try:
        if not path or Path(path).stat().st_size > _LARGEST_EVENT:
            return {}
        return _mapping(json.loads(Path(path).read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def settings_of_default_branch(workspace: Workspace, place: Whereabouts) -> Settings:
    """The octops.yaml of the default branch as the remote has it: the branch that asks has no say in it."""
    from octops.app.settings import settings_in
    from octops.declare.file import Files, SourceFile

    repository = workspace.repository
    if repository is None or not place.default_branch:
        return Settings()
    branch = repository.branch(place.default_branch)
    path = f"{repository.prefix}/octops.yaml" if repository.prefix else "octops.yaml"
    tip = branch.fetch()
    found = [entry for entry in branch.entries(tip, [path]) if entry.path == path and entry.regular]
    if not found:
        return Settings()
    content = branch.contents([found[0].blob])[found[0].blob]
    return settings_in(Files((SourceFile("octops.yaml", content, found[0].blob),)))
