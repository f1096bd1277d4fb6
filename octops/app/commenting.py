"""The comment of a pull request: where it goes, what it says, and that it is posted."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from octops import __version__
from octops.app.comparing import compare_plan
from octops.app.whereabouts import read_event
from octops.app.workspace import Workspace
from octops.errors import InvalidProject, UsageError
from octops.platforms import github, gitlab
from octops.platforms.client import Client, checked_base, persistently
from octops.platforms.comments import Posted, PullRequest, Thread, put
from octops.report.comment import MARKER, PREVIEW_MARKER
from octops.report.plan_markdown import LIMIT

_MARKER_ROOM = 300
_EMPTY = "The text is empty, as `octops plan --quiet-if-unchanged` leaves it when nothing would change."
"""For a comment that is there already: what it said holds no longer, and why the text is empty nobody told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One pull request. `number` 0: it is the one of `branch` whose newest commit is `commit`."""

    platform: str
    base: str
    token: str = field(repr=False)
    token_of_job: bool = False
    repository: str
    number: int = 0
    target: str = ""
    """The branch it is to be merged into, where that is known."""
    likely: str = "HEAD"
    """That branch as far as can be guessed when nobody tells: as a rule the default one, which git calls HEAD."""
    owner: str = ""
    branch: str = ""
    commit: str = ""
    user: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    body: str
    unchanged: bool = False
    """There is nothing to tell: an earlier comment is brought up to date, a new one may be left out."""


def address(environ: Mapping[str, str], *, platform: str | None, repository: str | None, number: int | None) -> Address:
    """From the options first, then from what the CI says. UsageError names what is missing."""
    chosen = platform or ("gitlab" if environ.get("GITLAB_CI") or _only_gitlab(environ) else "github")
    found = _on_gitlab(environ, repository, number) if chosen == "gitlab" else _on_github(environ, repository, number)
    if not (found.number or found.commit):
        raise UsageError("it is not known which pull request to comment on", detail="name it with `--pr N`")
    return found


def _only_gitlab(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("GITLAB_TOKEN")) and not environ.get("GITHUB_TOKEN")


def _on_github(environ: Mapping[str, str], repository: str | None, number: int | None) -> Address:
    token = environ.get("GITHUB_TOKEN", "").strip()
    name = repository or environ.get("GITHUB_REPOSITORY", "")
    if not github.REPOSITORY.fullmatch(name):
        raise UsageError(f"`{name}` is not a repository", detail="write `--repo owner/name`")
    if not token:
        raise _no_token("GITHUB_TOKEN", "it needs the right `pull-requests: write`")
    event = read_event(environ)
    request, run = _mapping(event.get("pull_request")), _mapping(event.get("workflow_run"))
    told = _whole(request.get("number")) if name == environ.get("GITHUB_REPOSITORY", name) else 0
    return Address(
        platform="github",
        base=checked_base(environ.get("GITHUB_API_URL") or github.API, "GITHUB_API_URL"),
        token=token,
        repository=name,
        number=number or told,
        target=str(_mapping(request.get("base")).get("ref", "")) if told and number in (None, told) else "",
        likely=_likely_on_github(event),
        owner=str(_mapping(_mapping(run.get("head_repository")).get("owner")).get("login", "")),
        branch=str(run.get("head_branch") or ""),
        commit=str(run.get("head_sha") or ""),
    )


def _likely_on_github(event: Mapping[str, Any]) -> str:
    """Of a pull request of the repository itself `workflow_run` tells the branch; of a fork's it does not."""
    listed = _mapping(event.get("workflow_run")).get("pull_requests")
    first = _mapping(listed[0]) if isinstance(listed, list) and listed else {}
    told = _mapping(first.get("base")).get("ref") or _mapping(event.get("repository")).get("default_branch")
    return str(told or "HEAD")


def _on_gitlab(environ: Mapping[str, str], repository: str | None, number: int | None) -> Address:
    token, of_job = environ.get("GITLAB_TOKEN", "").strip(), False
    if not token:
        token, of_job = environ.get("CI_JOB_TOKEN", "").strip(), True
    name = repository or environ.get("CI_PROJECT_ID", "")
    if not re.fullmatch(r"[0-9]{1,18}|[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+", name):
        raise UsageError(f"`{name}` is not a project", detail="write `--repo group/name`")
    if not token:
        raise _no_token("GITLAB_TOKEN", "it is a project access token with the scope `api`")
    told = _whole(environ.get("CI_MERGE_REQUEST_IID")) if name in _names_on_gitlab(environ) else 0
    return Address(
        platform="gitlab",
        base=checked_base(environ.get("CI_API_V4_URL") or gitlab.API, "CI_API_V4_URL"),
        token=token,
        token_of_job=of_job,
        repository=name,
        number=number or told,
        target=environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "") if told and number in (None, told) else "",
        likely=environ.get("CI_DEFAULT_BRANCH") or "HEAD",
        # A job token stands for the person who started the job, and may not ask who that is.
        user=_whole(environ.get("GITLAB_USER_ID")) if of_job else 0,
    )


def _names_on_gitlab(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What the project of this job may be called."""
    return environ.get("CI_PROJECT_ID", ""), environ.get("CI_PROJECT_PATH", "")


def _no_token(variable: str, detail: str) -> UsageError:
    return UsageError(f"`{variable}` is not set", code="no-token", detail=f"give this step the token: {detail}")


def client_of(address: Address) -> Client:
    """Not connected yet: enter it."""
    if address.platform == "gitlab":
        headers = gitlab.headers(address.token, __version__, of_job=address.token_of_job)
        return Client(base=address.base, headers=headers, cures=gitlab.cures(of_job=address.token_of_job))
    return Client(base=address.base, headers=github.headers(address.token, __version__), cures=github.CURES)


def find_pull_request(
    client: Client, address: Address, *, base_needed: bool = True, sleep: Callable[[float], None] = time.sleep
) -> PullRequest | None:
    """The number and the branch to merge into; None when no open pull request has that commit as its newest.

    At most one request, and none when `address` knows what is needed.
    """
    number, name = address.number, address.repository
    if number and (address.target or not base_needed):
        return PullRequest(number=number, base=address.target)
    if number and address.platform == "gitlab":
        return persistently(lambda: gitlab.merge_request(client, name, number), sleep=sleep)
    if number:
        return persistently(lambda: github.pull_request(client, name, number), sleep=sleep)
    owner, branch, commit = address.owner, address.branch, address.commit
    return persistently(
        lambda: github.pull_request_of(client, name, owner=owner, branch=branch, commit=commit), sleep=sleep
    )


def post(
    client: Client,
    address: Address,
    number: int,
    text: Text,
    marker: str,
    *,
    quiet: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Posted:
    """Every attempt looks for the comment anew: one whose answer was lost is not written twice.

    PlatformError when the last attempt failed too.
    """
    create = not (quiet and text.unchanged)
    return persistently(lambda: put(_thread(client, address, number), text.body, marker, create=create), sleep=sleep)


def _thread(client: Client, address: Address, number: int) -> Thread:
    if address.platform == "gitlab":
        return gitlab.GitLabThread(client=client, project=address.repository, number=number, user=address.user)
    return github.GitHubThread(
        client=client,
        repository=address.repository,
        number=number,
        token_is_of_an_app=address.token.startswith("ghs_"),
    )


def marker_of(workspace: Workspace, text: str = "") -> str:
    """Two projects of one repository have a comment each, and so has the preview of each, which `text` may be."""
    prefix = workspace.repository.prefix if workspace.repository else ""
    name = re.sub(r"[^A-Za-z0-9._/]+", "-", prefix)[:200]
    marker = PREVIEW_MARKER if text.startswith(PREVIEW_MARKER) else MARKER
    return marker.replace(" -->", f": {name} -->") if name else marker


def planned_text(workspace: Workspace, now: datetime, marker: str, *, base: str, ref: str | None) -> Text:
    """The plan; or, for files that cannot be planned, what is wrong with them."""
    from octops.report.failure_markdown import failure_markdown
    from octops.report.plan_markdown import plan_markdown

    try:
        plan = compare_plan(workspace, now, base=base, ref=ref, rendered=True).plan
    except InvalidProject as error:
        return Text(body=marked(failure_markdown(error.diagnostics), marker))
    return Text(body=marked(plan_markdown(plan, limit=LIMIT - _MARKER_ROOM), marker), unchanged=plan.unremarkable)


def given_text(text: str, marker: str, *, file: str, quiet: bool) -> Text:
    """What `octops plan --format markdown` or `octops preview` wrote to `file`.

    UsageError for what is too long for a comment, and for nothing at all unless `quiet` says that it is meant.
    """
    body = marked(text, marker)
    plain = body.removeprefix(marker).strip()
    if not plain and not quiet:
        raise UsageError(
            f"`{file}` holds no text, and an empty comment tells nobody anything",
            code="empty-text",
            detail="look at the command that should have written it (`set -o pipefail` lets a pipe fail with it);"
            " where nothing is said on purpose, as by `octops plan --quiet-if-unchanged`, give that option here too",
        )
    if len(body.encode("utf-16-le", "replace")) // 2 > LIMIT:
        raise UsageError(f"the text is longer than the {LIMIT:,} characters that a comment may have", code="too-long")
    told = plain.startswith("No changes.") and "\n#### " not in plain
    return Text(body=body if plain else f"{marker}\n{_EMPTY}", unchanged=not plain or told)


def marked(text: str, marker: str) -> str:
    """The text with `marker` as its first line, in the place of the one it may have."""
    return f"{marker}\n{text.removeprefix(MARKER).removeprefix(PREVIEW_MARKER).lstrip()}"


def _whole(value: Any) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
