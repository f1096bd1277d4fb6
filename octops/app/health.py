"""How each task is: what ran last, what comes next, what nobody has run in time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar

from octops.app.history import Past
from octops.app.planning import Planned, make_plan
from octops.app.workspace import Workspace, needed_repository
from octops.errors import Diagnostic
from octops.ledger.layout import slot_of
from octops.ledger.odd_heads import forgetful, settled_ahead
from octops.ledger.records import RecordFile
from octops.model.history import Head
from octops.model.ids import TaskId
from octops.model.plan import PlannedRun, RunAction, Upcoming
from octops.model.run import RunStatus
from octops.model.task import Task, TaskStatus
from octops.report.runs import UNDELIVERED, RunLine
from octops.report.status import Health, TaskHealth
from octops.schedule.slots import previous_slot

Run = TypeVar("Run", PlannedRun, RunLine)

_NOT_AWAITED = ("paused", "deleted", "moved", "superseded")
"""Given up on purpose, or in favour of a newer slot that is judged itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Every declared task, sorted by id, and what was worth saying on the way."""

    tasks: tuple[TaskHealth, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What plan and ledger say, by task."""

    overdue: Mapping[str, tuple[PlannedRun, ...]]
    forgotten: tuple[str, ...]
    """Runs that are due by their heads, and have a record all the same."""
    last: Mapping[str, RunLine]
    running: Mapping[str, tuple[RunLine, ...]]
    pending: Mapping[str, tuple[RunLine, ...]]
    upcoming: Mapping[str, Upcoming]
    failures: Mapping[str, int]


def task_status(workspace: Workspace, now: datetime, *, refresh: bool, overdue_after: timedelta) -> Status:
    """The health of every task. A slot is overdue when no record ends it that long after it was due."""
    needed_repository(workspace, "octops status")
    planned = make_plan(workspace, now, refresh=refresh, to_apply=True)
    project = planned.loaded.project
    past = Past(planned.ledger, now, project.settings.moved) if planned.ledger else None
    seen = _seen(planned, past, overdue_after)
    tasks = tuple(_health(task, project.zone_of(task), seen) for task in project.tasks.values())
    told = [*planned.plan.diagnostics, *(past.diagnostics if past else ()), *map(forgetful, seen.forgotten)]
    return Status(tasks=tasks, diagnostics=tuple(dict.fromkeys(told)))


def _seen(planned: Planned, past: Past | None, overdue_after: timedelta) -> _Seen:
    plan, heads = planned.plan, planned.history.heads
    late = [
        run
        for run in plan.runs
        if run.reason not in _NOT_AWAITED and run.lateness_seconds > overdue_after.total_seconds()
    ]
    late += _passed_over(planned, past, plan.as_of - overdue_after) if past else []
    ended = past.recorded(run.id for run in late) if past else frozenset()
    ran = [task for task, head in heads.items() if has_run(head)]
    begun = [past.line_of(claim) for claim in past.claims()] if past else []
    return _Seen(
        overdue=_by_task((run for run in late if run.id not in ended), past),
        forgotten=tuple(sorted(ended)),
        last=newest_runs(past, {past.heir(it) for it in (*ran, *ended)}) if past else {},
        running=_by_task((line for line in begun if line.status is RunStatus.RUNNING), past),
        pending=_by_task((line for line in begun if line.status is RunStatus.PENDING), past),
        upcoming={it.task: it for it in plan.upcoming},
        failures={past.heir(task): head.failures for task, head in heads.items()} if past else {},
    )


def _passed_over(planned: Planned, past: Past, until: datetime) -> list[PlannedRun]:
    """The newest slot up to `until` of each task that an apply has judged ahead of time, where nothing tells of it."""
    project, now = planned.loaded.project, planned.plan.as_of
    claimed = {claim.run for claim in past.claims()}
    found = []
    for id_ in settled_ahead(planned.history.heads, now):
        task = project.tasks.get(id_)
        schedule = task.schedule if task and task.active else None
        slot = previous_slot(schedule, project.zone_of(task), until) if task and schedule else None
        if slot is None or slot < planned.history.heads[id_].activated_at:
            continue
        late = int((now - slot).total_seconds())
        run = PlannedRun(
            task=id_, scheduled_at=slot, action=RunAction.SKIP, reason="settled_ahead", lateness_seconds=late
        )
        if run.id not in claimed and not past.recorded([run.id]):
            found.append(run)
    return found


def _by_task(runs: Iterable[Run], past: Past | None) -> dict[str, tuple[Run, ...]]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(past.heir(run.task) if past else run.task, []).append(run)
    return {task: tuple(of_task) for task, of_task in found.items()}


def _health(task: Task, zone: str, seen: _Seen) -> TaskHealth:
    upcoming = seen.upcoming.get(task.id)
    return TaskHealth(
        task=task.id,
        health=_verdict(task, seen),
        timezone=zone,
        last=seen.last.get(task.id),
        running=seen.running.get(task.id, ()),
        pending=seen.pending.get(task.id, ()),
        next_slot=upcoming.slots[0] if upcoming and upcoming.slots else None,
        failures=seen.failures.get(task.id, 0),
        overdue=seen.overdue.get(task.id, ()),
    )


def _verdict(task: Task, seen: _Seen) -> Health:
    last, upcoming = seen.last.get(task.id), seen.upcoming.get(task.id)
    undelivered = last is not None and any(it.status in UNDELIVERED for it in last.deliveries)
    verdicts = {
        Health.PAUSED: not task.active,
        Health.OVERDUE: task.id in seen.overdue,
        Health.FAILING: seen.failures.get(task.id, 0) > 0,
        Health.UNDELIVERED: undelivered,
        Health.RUNNING: task.id in seen.running,
        Health.PENDING: task.id in seen.pending,
        Health.COMPLETED: upcoming is not None and upcoming.status is TaskStatus.COMPLETED,
        Health.NEW: last is None,
    }
    return next((health for health, holds in verdicts.items() if holds), Health.OK)


def has_run(head: Head) -> bool:
    """Whether any run of the task has ended: looking for a record that is not there goes through all of them."""
    return bool(head.settled or head.settled_until or head.failures or head.samples)


def newest_runs(past: Past, tasks: Collection[TaskId]) -> dict[str, RunLine]:
    """The newest run with a record of each task, under whatever id. Looks back only until all are found."""
    missing: set[str] = set(tasks)
    newest: dict[str, RunLine] = {}
    for _, day in groupby(past.places(), key=lambda place: place.day):
        if not missing:
            break
        for line in past.read(_candidates(past, (place for place in day if past.heir(place.run) in missing))):
            task, known = past.heir(line.run), newest.get(past.heir(line.run))
            newest[task] = line if known is None or line.at > known.at else known
        missing -= newest.keys()
    return newest


def _candidates(past: Past, day: Iterable[RecordFile]) -> list[RecordFile]:
    """Of each task the newest slot of a day, and everything named: names do not tell when."""
    slots: dict[str, RecordFile] = {}
    named = []
    for place in day:
        if slot_of(place.run) is None:
            named.append(place)
        else:
            slots.setdefault(past.heir(place.run), place)
    return [*named, *slots.values()]
