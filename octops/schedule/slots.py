"""From a schedule to its slots: the table of frequencies, and the questions one asks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from octops.model.task import Frequency, Schedule
from octops.schedule.cron import cron
from octops.schedule.daily import daily
from octops.schedule.hourly import hourly
from octops.schedule.once import once
from octops.schedule.weekly import weekly
from octops.schedule.window import DAY, EARLIEST, HOUR, LATEST, Window, between
from octops.schedule.zone import zone as zone_named

FREQUENCIES: dict[Frequency, Callable[[Schedule, ZoneInfo, Window], Iterator[datetime]]] = {
    Frequency.ONCE: once,
    Frequency.HOURLY: hourly,
    Frequency.DAILY: daily,
    Frequency.WEEKLY: weekly,
    Frequency.CRON: cron,
}
"""Each gives the slots in a window, strictly ascending and lazily."""


def slots(schedule: Schedule, zone: str, *, after: datetime, until: datetime) -> Iterator[datetime]:
    """UTC instants after `after` and up to `until`, strictly ascending, computed as they are taken.

    Raises ValueError for an unknown zone, an instant without a zone, or a cron expression that `check` refuses.
    """
    named = zone_named(zone)
    return FREQUENCIES[schedule.frequency](schedule, named, between(schedule, named, after, until))


def next_slot(schedule: Schedule, zone: str, after: datetime) -> datetime | None:
    """The first slot after `after`; None when none will ever come."""
    return next(slots(schedule, zone, after=after, until=LATEST), None)


def previous_slot(schedule: Schedule, zone: str, before: datetime) -> datetime | None:
    """The last slot strictly before `before`; None when there was none."""
    until = before - timedelta.resolution if before > EARLIEST else EARLIEST

    def any_after(instant: datetime) -> bool:
        return next(slots(schedule, zone, after=instant, until=until), None) is not None

    span = HOUR
    while not any_after(_earlier(until, span)):
        if _earlier(until, span) == EARLIEST:
            return None
        span *= 4
    after = _earlier(until, span)
    # Halve the span again, so that a schedule that is dense now and then is not listed for years.
    while span > DAY:
        span /= 2
        if any_after(after + span):
            after += span
    return deque(slots(schedule, zone, after=after, until=until), maxlen=1).pop()


def _earlier(instant: datetime, span: timedelta) -> datetime:
    return instant - span if instant - EARLIEST > span else EARLIEST
