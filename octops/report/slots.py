"""The instants at which tasks fire, for `octops slots`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from octops.model.ids import TaskId, instant_text
from octops.report.escape import terminal, workflow_safe_lines
from octops.report.words import local_time
from octops.schedule.zone import zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One slot of one task, and the zone its schedule is meant in."""

    task: TaskId
    timezone: str
    scheduled_at: datetime


def slots_json(firings: Iterable[Firing]) -> dict[str, Any]:
    """`{"slots": [{"task", "scheduled_at", "local"}]}` in the order given."""
    return {"slots": [_document(firing) for firing in firings]}


def _document(firing: Firing) -> dict[str, str]:
    return {
        "task": firing.task,
        "scheduled_at": instant_text(firing.scheduled_at),
        "local": firing.scheduled_at.astimezone(zone(firing.timezone)).isoformat(timespec="seconds"),
    }


def slots_text(firings: Iterable[Firing]) -> str:
    """One line per slot, in the order given; a sentence when there is none."""
    rows = [(terminal(firing.task), local_time(firing.scheduled_at, firing.timezone)) for firing in firings]
    if not rows:
        return "No slots: nothing fires in this time.\n"
    width = max(len(task) for task, _ in rows)
    return workflow_safe_lines("".join(f"{task:<{width}}  {time}\n" for task, time in rows))
