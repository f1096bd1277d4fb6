"""How far the slots of a task have come without a gap, once runs have ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from octops.model.history import Head
from octops.model.task import Schedule
from octops.schedule.slots import slots


def settled_until(
    head: Head, ended: Iterable[datetime], *, skipped: Iterable[datetime] = (), schedule: Schedule | None, zone: str
) -> datetime | None:
    """Every slot up to here has ended, once `ended` slots and those of `skipped` runs have records. Never goes back.

    A skip ends every slot up to its own. `schedule` and `zone` are those of the head's definition.
    """
    until = max((*skipped, *((head.settled_until,) if head.settled_until else ())), default=None)
    left = sorted({slot for slot in (*head.settled, *ended) if until is None or slot > until})
    if schedule is None or not left:
        return until
    activated = head.activated_at - timedelta.resolution
    expected = slots(schedule, zone, after=max(until, activated) if until else activated, until=left[-1])
    upcoming = next(expected, None)
    for slot in left:
        # A slot of an earlier schedule is none of this one's: it leaves no gap behind.
        if upcoming is not None and upcoming < slot:
            return until
        until = slot
        if upcoming == slot:
            upcoming = next(expected, None)
    return until
