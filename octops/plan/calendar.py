"""Questions a plan asks about slots; tasks with the same schedule and zone share the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice

from octops.model.task import Schedule
from octops.schedule.slots import next_slot, previous_slot, slots

MONTH = timedelta(days=30)
SHOWN = 3
"""Next slots listed per task."""
LISTED = 1000
"""Missed slots of one task that a plan names, beside the first of all; what lies between ends with the same skip."""

_COUNTED = 3000
_EXACT = timedelta.resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What is to come: the next slots, ascending, and how many the next 30 days hold."""

    slots: tuple[datetime, ...]
    per_month: float


class Calendar:
    """The slots around one instant."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.ahead = cache(self._ahead)
        self.before = cache(previous_slot)
        """(schedule, zone, slot) → the slot before it, or None."""
        self.missed = cache(self._missed)
        """(schedule, zone, since, until, limit) → the newest slots in [since, until], at most `limit`, ascending.

        A year of minutes costs what a day of them does.
        """

    def _missed(
        self, schedule: Schedule, zone: str, since: datetime, until: datetime, limit: int
    ) -> tuple[datetime, ...]:
        found: list[datetime] = []
        for after, end in _backwards(since - _EXACT, until):
            found = [*slots(schedule, zone, after=after, until=end), *found]
            if len(found) >= limit:
                break
        return tuple(found[-limit:])

    def _ahead(self, schedule: Schedule, zone: str) -> Ahead:
        month = list(islice(slots(schedule, zone, after=self._now, until=self._now + MONTH), _COUNTED))
        per_month = float(len(month))
        if len(month) == _COUNTED:
            per_month = _COUNTED * (MONTH / (month[-1] - self._now))
        shown = month[:SHOWN]
        while len(shown) < SHOWN and (later := next_slot(schedule, zone, shown[-1] if shown else self._now)):
            shown.append(later)
        return Ahead(slots=tuple(shown), per_month=per_month)


def _backwards(after: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Ever longer stretches, the newest first, that together are (after, until]."""
    span = timedelta(days=1)
    while after < until:
        start = max(after, until - span) if until - after > span else after
        yield start, until
        until, span = start, span * 4
