"""Which missed slots of one task run now, which are passed over, and which must wait."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from octops.model.history import OpenRun
from octops.model.ids import TaskId
from octops.model.plan import PlannedRun, RunAction
from octops.model.task import CatchUp, Overlap, Schedule
from octops.plan.calendar import LISTED, Calendar
from octops.plan.taken import alive
from octops.schedule.slots import next_slot

LATE = timedelta(minutes=10)
"""A run that starts up to this long after it was due is `due`, after that it is `late`: CI timers are never exact."""


_NONE = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the slots of one task have come. `open_runs` are all of the task, named ones included."""

    activated_at: datetime
    settled_until: datetime | None = None
    settled: tuple[datetime, ...] = ()
    open_runs: tuple[OpenRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """One active task, as far as being due depends on it."""

    task: TaskId
    schedule: Schedule
    zone: str
    may_spend: bool = True
    """False: a budget is used up, what is due waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """Ascending slots that can run, and those that are passed over by reason, the oldest group first."""

    chosen: list[datetime]
    passed: tuple[tuple[str, list[datetime]], ...]


def due(table: Timetable, progress: Progress, now: datetime, calendar: Calendar) -> tuple[PlannedRun, ...]:
    """Every slot in [activated, now] without a record or an open run, exactly once: run, skipped or blocked.

    Effects and estimates are left to the caller. With a spread a slot counts from the moment its run may start.
    Of more than 1,000 slots only the newest are named, and the first.
    """
    schedule = table.schedule
    clock = now - spread_of(table)
    settled_until = progress.settled_until or progress.activated_at - timedelta.resolution
    since = max(progress.activated_at, settled_until + timedelta.resolution)
    missed = calendar.missed(schedule, table.zone, since, clock, max(LISTED, schedule.max_catch_up + 1))
    taken = {*progress.settled, *(run.scheduled_at for run in progress.open_runs if run.scheduled_at)}
    slots = [slot for slot in missed if slot not in taken]
    if not slots:
        return ()
    newest_taken = max(taken, default=slots[0] - timedelta.resolution)
    verdict = _judge(schedule, slots, newest_taken, clock)
    skips = [_skip(table, passed, reason, clock) for reason, passed in verdict.passed if passed]
    if skips and len(missed) >= LISTED and (first := _first(table, since, missed[0])) < missed[0]:
        skips[0] = replace(skips[0], covers_from=first)
    newest = max(slots[-1], newest_taken)
    runs = [
        _run(table, slot, clock, calendar, older=bool(skips) or slot < newest, passed_by=slot < newest)
        for slot in verdict.chosen
    ]
    return (*skips, *_held_back(table, runs, progress, now, clock))


def spread_of(table: Timetable) -> timedelta:
    """How long after its slots a task starts: always the same for one id, and never more than its spread."""
    seconds = table.schedule.spread_seconds
    return timedelta(seconds=int(sha256(table.task.encode()).hexdigest(), 16) % (seconds + 1)) if seconds else _NONE


def _judge(schedule: Schedule, slots: list[datetime], newest_taken: datetime, clock: datetime) -> _Verdict:
    deadline = clock - timedelta(seconds=schedule.deadline_seconds)
    expired, fresh = [slot for slot in slots if slot < deadline], [slot for slot in slots if slot >= deadline]
    too_late: list[datetime] = []
    if schedule.catch_up is CatchUp.NONE:
        grace = clock - timedelta(seconds=schedule.grace_seconds)
        too_late, fresh = [slot for slot in fresh if slot < grace], [slot for slot in fresh if slot >= grace]
    if schedule.catch_up is CatchUp.ALL:
        kept = fresh[-schedule.max_catch_up :] if schedule.max_catch_up > 0 else []
    else:
        # A newer slot that has run, or is being run, speaks for all before it.
        kept = [slot for slot in fresh[-1:] if slot > newest_taken]
    superseded = fresh[: len(fresh) - len(kept)]
    return _Verdict(chosen=kept, passed=(("deadline", expired), ("grace", too_late), ("superseded", superseded)))


def _first(table: Timetable, since: datetime, named: datetime) -> datetime:
    """The first slot of all that were missed, when `named` is the first that is listed."""
    found = next_slot(table.schedule, table.zone, since - timedelta.resolution)
    return min(found, named) if found else named


def _skip(table: Timetable, slots: list[datetime], reason: str, clock: datetime) -> PlannedRun:
    """One skip for all: its record stands under the newest, and ends every slot up to there."""
    return PlannedRun(
        task=table.task,
        scheduled_at=slots[-1],
        action=RunAction.SKIP,
        reason=reason,
        due_at=slots[-1] + spread_of(table),
        lateness_seconds=_seconds(clock - slots[-1]),
        covers=tuple(slots[-LISTED:]),
    )


def _run(
    table: Timetable, slot: datetime, clock: datetime, calendar: Calendar, *, older: bool, passed_by: bool
) -> PlannedRun:
    """`catch_up`: a newer slot has passed since; else `late` or `due`. It catches up when it makes up for any slot."""
    lateness = clock - slot
    return PlannedRun(
        task=table.task,
        scheduled_at=slot,
        action=RunAction.RUN,
        reason="catch_up" if passed_by else "late" if lateness > LATE else "due",
        due_at=slot + spread_of(table),
        lateness_seconds=_seconds(lateness),
        is_catch_up=older,
        window_start=calendar.before(table.schedule, table.zone, slot),
    )


def _held_back(
    table: Timetable, runs: list[PlannedRun], progress: Progress, now: datetime, clock: datetime
) -> list[PlannedRun]:
    """What an open run of the same task, or an empty purse, makes of the runs."""
    busy = any(alive(run, now) for run in progress.open_runs)
    if runs and busy and table.schedule.overlap is Overlap.SKIP:
        return [_skip(table, [run.scheduled_at for run in runs if run.scheduled_at], "overlap", clock)]
    if busy or not table.may_spend:
        reason = "overlap" if busy else "budget"
        return [replace(run, action=RunAction.BLOCKED, reason=reason) for run in runs]
    return runs


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
