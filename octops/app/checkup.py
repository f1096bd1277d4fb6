"""Is everything there that an apply needs? Looks at the machine, the repository, the files, the ledger, the timer."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from octops.app.doctor import examine_ledger
from octops.app.exported import source_root
from octops.app.needs import check_needs
from octops.app.workspace import Loaded, Workspace, load_project
from octops.errors import GitError, InvalidProject, OctopsError, Severity
from octops.model.plan import RunAction
from octops.report.checkup import Check
from octops.report.diagnostics import counts
from octops.report.words import count, duration, local_time

_OLDEST_GIT: Final = (2, 34)
_NEWEST_PYTHON: Final = (3, 14)
_PATIENCE: Final = timedelta(hours=1)
"""A slot that nothing has run that long after it came means that no timer ticks; CI timers come late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found. `loaded` is None when the files are no valid project."""

    checks: tuple[Check, ...]
    loaded: Loaded | None


def check_up(workspace: Workspace, now: datetime) -> Looked:
    """Everything that can be told without connecting to anything but git's remote, as every plan does."""
    checks = [_python(), _git()]
    if checks[-1].blocks:
        return Looked(checks=tuple(checks), loaded=None)
    checks += _repository(workspace)
    loaded, files = _files(workspace)
    checks.append(files)
    if loaded is not None:
        checks += check_needs(loaded.project, source_root(workspace, loaded.project))
    if workspace.repository is not None:
        checks += _ledger(workspace, loaded, now)
    return Looked(checks=tuple(checks), loaded=loaded)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] > _NEWEST_PYTHON:
        return Check(
            topic="python",
            text=f"{version} is newer than what octops was tested with",
            code="python-version",
            severity=Severity.WARNING,
            cure=f"use Python 3.11 to {'.'.join(map(str, _NEWEST_PYTHON))} if something looks wrong",
        )
    return Check(topic="python", text=version)


def _git() -> Check:
    from octops.repository.scratch import git_version

    try:
        version = git_version()
    except GitError as error:
        told = error.diagnostics[0]
        return Check(topic="git", text=told.summary, code="no-git", cure=told.detail)
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < _OLDEST_GIT:
        return Check(topic="git", text=f"{version} is too old", code="git-version", cure="install git 2.34 or newer")
    return Check(topic="git", text=version)


def _repository(workspace: Workspace) -> Iterator[Check]:
    repository = workspace.repository
    if repository is None:
        yield Check(
            topic="git",
            text=f"`{workspace.root}` is in no git repository: there is no place for the records",
            code="no-repository",
            cure="run `git init` and commit the project's files",
        )
    elif not repository.head():
        yield Check(
            topic="git",
            text="nothing is committed yet",
            code="no-commit",
            severity=Severity.WARNING,
            cure="commit the files: a task counts from the commit that adds it",
        )


def _files(workspace: Workspace) -> tuple[Loaded | None, Check]:
    try:
        loaded = load_project(workspace)
    except InvalidProject as error:
        text = f"the files are not valid: {counts(error.diagnostics)}"
        return None, Check(topic="files", text=text, code="invalid", cure="`octops validate` shows them all")
    except OctopsError as error:
        told = error.diagnostics[0]
        return None, Check(topic="files", text=told.summary, code=told.code, cure=told.detail)
    tasks = loaded.project.tasks.values()
    paused = sum(not task.active for task in tasks)
    text = count(len(tasks), "task") + (f", {paused} of them paused" if paused else "")
    if loaded.diagnostics:
        text += f"; {counts(loaded.diagnostics)}"
        cure = "`octops validate` shows them all"
        return loaded, Check(topic="files", text=text, code="remarks", severity=Severity.WARNING, cure=cure)
    return loaded, Check(topic="files", text=text)


def _ledger(workspace: Workspace, loaded: Loaded | None, now: datetime) -> Iterator[Check]:
    from octops.app.settings import read_settings

    try:
        settings = loaded.project.settings if loaded else read_settings(workspace)
        examined = examine_ledger(workspace, settings, now)
    except OctopsError as error:
        told = error.diagnostics[0]
        yield Check(topic="ledger", text=told.summary, code=told.code, cure=told.detail)
        return
    for it in examined.findings:
        yield Check(topic="ledger", text=it.summary, code=it.code, severity=it.severity, cure=it.detail)
    if examined.writable:
        # Rules and hooks of a remote judge real pushes only: no more is claimed than what was tried.
        tried = f"on `{examined.where}`: a push was rehearsed and went through" if examined.where else "in this clone"
        yield Check(topic="ledger", text=f"`{examined.branch}` {tried}")
        if not examined.where and settings.records.push:
            yield Check(
                topic="ledger",
                text="there is no remote: nobody else sees the records, and a timer elsewhere would not know of them",
                code="no-remote",
                severity=Severity.WARNING,
                cure="add one with `git remote add origin URL`, or say `records: {push: false}` in octops.yaml",
            )
        if loaded is not None:
            yield _timer(workspace, now)


def _timer(workspace: Workspace, now: datetime) -> Check:
    """Whether somebody runs what is due. The ledger was fetched a moment ago."""
    from octops.app.planning import make_plan

    planned = make_plan(workspace, now, refresh=False, to_apply=True)
    newest = planned.ledger.newest() if planned.ledger else None
    last = f"the last tick was {_ago(newest, now)}" if newest else "no apply has written to the ledger yet"
    waiting = [
        run
        for run in planned.plan.runs
        if run.action in (RunAction.RUN, RunAction.RESUME) and run.lateness_seconds > _PATIENCE.total_seconds()
    ]
    if waiting:
        longest = max(run.lateness_seconds for run in waiting)
        return Check(
            topic="timer",
            text=f"{last}, and {count(len(waiting), 'run is', 'runs are')} due since {duration(longest)}",
            code="no-tick",
            severity=Severity.WARNING,
            cure="let a timer start `octops apply --auto-approve` every 15 minutes, or run `octops apply` now",
        )
    if newest is None:
        cure = "`octops apply` is the first tick; then let a timer start `octops apply --auto-approve`"
        return Check(topic="timer", text=last, code="no-apply", severity=Severity.NOTE, cure=cure)
    return Check(topic="timer", text=f"{last}; nothing waits for one")


def _ago(instant: datetime, now: datetime) -> str:
    return f"{duration((now - instant).total_seconds())} ago, {local_time(instant, 'UTC')}"
