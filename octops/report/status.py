"""How each task is, for `octops status`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from octops.errors import Diagnostic
from octops.model.ids import TaskId
from octops.model.plan import PlannedRun
from octops.report.diagnostics import diagnostics_json
from octops.report.escape import terminal, workflow_safe_lines
from octops.report.paint import Style, paint
from octops.report.run_text import why
from octops.report.runs import UNDELIVERED, RunLine, line_json, maybe_instant, status_cell
from octops.report.summary import slots_of
from octops.report.table import Cell, table
from octops.report.words import count, duration, local_time


class Health(StrEnum):
    """The worst that can be said of a task, worst first."""

    OVERDUE = "overdue"
    FAILING = "failing"
    UNDELIVERED = "undelivered"
    """Its last run has an answer that did not arrive everywhere."""
    RUNNING = "running"
    PENDING = "pending"
    """Somebody asked for a run of it that nobody has started."""
    PAUSED = "paused"
    COMPLETED = "completed"
    NEW = "new"
    """It has never run."""
    OK = "ok"

    @property
    def bad(self) -> bool:
        return self in (Health.OVERDUE, Health.FAILING, Health.UNDELIVERED)


_STYLES = {
    Health.OVERDUE: Style.ERROR,
    Health.FAILING: Style.ERROR,
    Health.UNDELIVERED: Style.ERROR,
    Health.RUNNING: Style.CHANGE,
    Health.PENDING: Style.CHANGE,
    Health.OK: Style.ADD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHealth:
    """One task. `overdue` are the runs nobody has made in time, ascending; `failures` are failed runs in a row."""

    task: TaskId
    health: Health
    timezone: str = "UTC"
    last: RunLine | None = None
    """The newest one that ended."""
    running: tuple[RunLine, ...] = ()
    pending: tuple[RunLine, ...] = ()
    next_slot: datetime | None = None
    failures: int = 0
    overdue: tuple[PlannedRun, ...] = ()


def status_json(tasks: Iterable[TaskHealth], diagnostics: Iterable[Diagnostic] = ()) -> dict[str, Any]:
    return {"tasks": [_document(it) for it in tasks], "diagnostics": diagnostics_json(diagnostics)}


def _document(it: TaskHealth) -> dict[str, Any]:
    return {
        "task": it.task,
        "health": it.health.value,
        "failures": it.failures,
        "last_run": line_json(it.last) if it.last else None,
        "running": [line_json(line) for line in it.running],
        "pending": [line_json(line) for line in it.pending],
        "next_slot": maybe_instant(it.next_slot),
        "timezone": it.timezone,
        "overdue": [_overdue_document(run) for run in it.overdue],
    }


def _overdue_document(run: PlannedRun) -> dict[str, Any]:
    return {
        "run": run.id,
        "scheduled_at": maybe_instant(run.scheduled_at),
        "lateness_seconds": run.lateness_seconds,
        "actions": [run.action.value],
        "action_reason": run.reason,
        "slots": max(1, slots_of(run)),
    }


def status_text(tasks: Sequence[TaskHealth], *, color: bool = False) -> str:
    """A table, then a line or two about each task that is not well, then how many are how."""
    if not tasks:
        return "No tasks.\n"
    rows = [_row(it) for it in tasks]
    troubles = [line for it in tasks for line in (*_troubles(it, color), *_waiting(it))]
    parts = [table(("task", "health", "last run", "ended", "next slot"), rows, color=color)]
    parts += ["\n".join([*troubles, ""])] if troubles else []
    return workflow_safe_lines("\n".join([*parts, _counts(tasks) + "\n"]))


def _row(it: TaskHealth) -> tuple[Cell, ...]:
    last = it.last
    return (
        Cell(terminal(it.task)),
        Cell(it.health.value, _STYLES.get(it.health, Style.QUIET)),
        status_cell(last) if last else Cell("-"),
        Cell(local_time(last.finished_at, it.timezone) if last and last.finished_at else "-"),
        Cell(local_time(it.next_slot, it.timezone) if it.next_slot else "-"),
    )


def _troubles(it: TaskHealth, color: bool) -> Iterator[str]:
    task = terminal(it.task)
    for run in it.overdue:
        slots = f" and {count(slots_of(run) - 1, 'slot')} before it" if slots_of(run) > 1 else ""
        late = duration(run.lateness_seconds)
        yield f"{paint('overdue', Style.ERROR, color)}: {terminal(run.id)}{slots}, {late} late: {why(run)}"
    last = it.last
    if it.failures:
        said = f": {terminal(last.failure.message)}" if last and last.failure else ""
        runs = count(it.failures, "failed run")
        yield f"{paint('failing', Style.ERROR, color)}: {task} has {runs} in a row{said}; see `octops show {task}`"
    for delivery in last.deliveries if last else ():
        if last and delivery.status in UNDELIVERED:
            where = terminal(f"{delivery.destination}: {delivery.recipient}")
            said = terminal(delivery.error or delivery.status.value)
            yield f"{paint('undelivered', Style.ERROR, color)}: {terminal(last.run)} to {where}: {said}"


def _waiting(it: TaskHealth) -> Iterator[str]:
    for line in it.pending:
        asked = local_time(line.at, it.timezone)
        yield f"pending: {terminal(line.run)}, asked for {asked}: the next `octops apply` starts it"


def _counts(tasks: Sequence[TaskHealth]) -> str:
    """`4 tasks: 1 overdue, 3 ok.`"""
    numbers = Counter(it.health for it in tasks)
    found = ", ".join(f"{numbers[health]:,} {health.value}" for health in Health if numbers[health])
    return f"{count(len(tasks), 'task')}: {found}."
