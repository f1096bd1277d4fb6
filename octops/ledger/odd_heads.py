"""Heads that cannot be right: slots have ended before they came, or have a record and count as open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from octops.errors import Diagnostic, Location, Severity
from octops.ledger.layout import head_path
from octops.model.history import Head
from octops.model.ids import TaskId

_SKEW = timedelta(minutes=5)
"""Clocks of runners differ by so much without anything being wrong."""
_NAMED = 5


def settled_ahead(heads: Mapping[TaskId, Head], now: datetime) -> dict[TaskId, datetime]:
    """The tasks of which slots have ended that are still to come, each with the newest such slot."""
    newest = {
        task: max((*head.settled, *filter(None, (head.settled_until,))), default=now) for task, head in heads.items()
    }
    return {task: slot for task, slot in sorted(newest.items()) if slot > now + _SKEW}


def ahead(heads: Mapping[TaskId, Head], now: datetime) -> tuple[Diagnostic, ...]:
    """A warning where there are any: an apply was told a later time than it is, or its clock was ahead."""
    found = settled_ahead(heads, now)
    if not found:
        return ()
    named = [f"`{task}` up to {slot:%Y-%m-%d %H:%M} UTC" for task, slot in list(found.items())[:_NAMED]]
    if len(found) > _NAMED:
        named.append(f"and those of {len(found) - _NAMED} more tasks")
    return (
        Diagnostic(
            severity=Severity.WARNING,
            code="settled-ahead",
            summary=f"slots after {now:%Y-%m-%d %H:%M} UTC count as ended and will not run: {', '.join(named)}",
            detail="an apply was given a later `--now`, or its clock was ahead; `octops run TASK` runs one meanwhile, "
            "and once the records branch is set back to its commit before that apply, the slots run again",
        ),
    )


def forgetful(run: str) -> Diagnostic:
    """The warning for a run that has a record, of which its task's head does not know."""
    path = head_path(run.partition("@")[0])
    return Diagnostic(
        severity=Severity.WARNING,
        code="forgetful-head",
        summary=f"run `{run}` has a record, and `{path}` on the records branch does not know that its slot has ended",
        detail="the file was edited by hand, or written anew: restore it from the branch's history",
        location=Location(filename=path),
    )
