"""Where a preview is started: refused in CI for what a fork wrote, unless the default branch allows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from octops.app.whereabouts import Whereabouts, read_event, settings_of_default_branch, whereabouts
from octops.errors import UsageError
from octops.model.project import Settings

if TYPE_CHECKING:
    from octops.app.workspace import Workspace

_GITLAB_SIDES = (
    ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID"),
    ("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY"),
)


def check_preview_place(workspace: Workspace, environ: Mapping[str, str]) -> None:
    """Raises UsageError where the files to be run come from a fork. Outside CI nothing is refused and nothing read."""
    event = read_event(environ)
    place = whereabouts(environ, event)
    if place is None:
        return
    strange = from_fork(place, environ, event)
    if not strange and not place.fork:
        return
    settings = settings_of_default_branch(workspace, place) if _origin_is_home(workspace, environ) else Settings()
    if settings.preview.forks or (settings.apply.forks and not strange):
        return
    raise UsageError(
        "`octops preview` does not run what a fork wrote: it would start its commands with the keys of this job",
        code="fork",
        detail="`octops plan --base REF` runs nothing and is safe here; to preview forks all the same, write "
        f"`preview: {{forks: true}}` into the octops.yaml of `{place.default_branch or 'the default branch'}`",
    )


def from_fork(place: Whereabouts, environ: Mapping[str, str], event: Mapping[str, Any]) -> bool:
    """Whether the job is about files of another repository. What cannot be told counts as one."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return place.for_pull_request and not _same_on_gitlab(environ)
    here = str(_mapping(event.get("repository")).get("full_name") or environ.get("GITHUB_REPOSITORY", ""))
    if event.get("workflow_run") is not None:
        head = _mapping(_mapping(event.get("workflow_run")).get("head_repository"))
    elif place.for_pull_request:
        head = _mapping(_mapping(_mapping(event.get("pull_request")).get("head")).get("repo"))
    else:
        # A comment on a pull request does not say whose it is.
        return "pull_request" in _mapping(event.get("issue"))
    return not here or head.get("full_name") != here


def _same_on_gitlab(environ: Mapping[str, str]) -> bool:
    return any(environ.get(source) and environ[source] == environ.get(target) for source, target in _GITLAB_SIDES)


def _origin_is_home(workspace: Workspace, environ: Mapping[str, str]) -> bool:
    """Whether the clone's remote is the repository the job belongs to, and not the fork that was checked out."""
    server = environ.get("GITHUB_SERVER_URL") or environ.get("CI_SERVER_URL", "")
    name = environ.get("GITHUB_REPOSITORY") or environ.get("CI_PROJECT_PATH", "")
    if workspace.repository is None or not server or not name:
        return False
    host = server.partition("://")[2] or server
    remote = workspace.repository.branch("main").where.removesuffix("/").removesuffix(".git")
    plain = re.sub(r"(?<=://)[^/@]+@", "", remote)
    return plain in (f"{server}/{name}", f"git@{host}:{name}", f"ssh://{host}/{name}")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
