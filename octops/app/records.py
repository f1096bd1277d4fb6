"""The ledger of a workspace: which branch it is, and how fresh it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from octops.errors import Diagnostic, GitError, OctopsError, Severity, UsageError

if TYPE_CHECKING:
    from octops.app.workspace import Workspace
    from octops.ledger.ledger import Ledger
    from octops.model.project import Settings
    from octops.repository.checkout import Repository

_AWAY = ("remote-unreachable", "remote-credentials", "git-timeout")


def open_ledger(workspace: Workspace, settings: Settings, *, refresh: bool, plan_only: bool = False) -> Ledger:
    """The ledger at its newest tip, or without `refresh` at the one this clone saw last; then nothing is connected to.

    With `plan_only` no more is fetched than heads and claims: enough to plan, not to write or to list records.
    Raises UsageError `no-repository` outside git, GitError when the newest tip cannot be had.
    """
    ledger = unread_ledger(workspace, settings, online=refresh, plan_only=plan_only)
    if refresh:
        _refresh(ledger, plan_only=plan_only)
    elif not ledger.recall() and ledger.branch.where:
        ledger.diagnostics = (_never_seen(ledger.branch.name),)
    return ledger


def unread_ledger(workspace: Workspace, settings: Settings, *, online: bool = True, plan_only: bool = False) -> Ledger:
    """The ledger before anybody looked at it: refresh or recall it first."""
    from octops.ledger.ledger import Ledger

    repository = _repository_of(workspace)
    if not online:
        repository = _offline(repository)
    records = settings.records
    return Ledger(branch=repository.branch(records.branch, push=records.push, top_only=plan_only))


def _repository_of(workspace: Workspace) -> Repository:
    if workspace.repository is None:
        raise UsageError(
            f"the ledger is a branch of a git repository, and `{workspace.root}` is not in one",
            code="no-repository",
            detail="run `git init` and commit the project's files",
        )
    return workspace.repository


def _offline(repository: Repository) -> Repository:
    """Git itself refuses every transport: not even a file that is missing here is fetched."""
    from octops.repository.git import OFFLINE

    environ = {**repository.git.environ, "GIT_ALLOW_PROTOCOL": OFFLINE}
    return replace(repository, git=replace(repository.git, environ=environ))


def _never_seen(branch: str) -> Diagnostic:
    return Diagnostic(
        severity=Severity.NOTE,
        code="ledger-not-seen",
        summary=f"this clone holds no copy of the ledger `{branch}`: it is taken as empty",
        detail="leave out `--refresh=false`: then it is fetched",
    )


def _refresh(ledger: Ledger, *, plan_only: bool) -> None:
    try:
        ledger.refresh()
    except GitError as error:
        if error.diagnostics[0].code not in _AWAY:
            raise
        raise OctopsError(*error.diagnostics, _without_remote(ledger, plan_only=plan_only)) from error


def _without_remote(ledger: Ledger, *, plan_only: bool) -> Diagnostic:
    if not ledger.branch.known():
        return Diagnostic(
            severity=Severity.NOTE,
            code="ledger-not-seen",
            summary=f"this clone holds no copy of the ledger `{ledger.branch.name}` on that remote",
            detail="`git remote -v` shows whether the address is the one that is meant",
        )
    # A copy that was made for plans holds no records.
    readers = "`octops plan` does" if plan_only else "`octops plan`, `octops runs` and all others that only read do"
    return Diagnostic(
        severity=Severity.NOTE,
        code="not-refreshed",
        summary="the ledger as this clone saw it last can be read all the same",
        detail=f"{readers} that with `--refresh=false`",
    )
