"""`frequency: daily`: every date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from octops.model.task import Schedule
from octops.schedule.resolve import at_times, once_each
from octops.schedule.times import clock_times
from octops.schedule.window import DAY, Window


def daily(schedule: Schedule, zone: ZoneInfo, window: Window) -> Iterator[datetime]:
    """Every time of `at` on every date."""
    return once_each(at_times(_dates(window), clock_times(schedule.at)), zone, window)


def _dates(window: Window) -> Iterator[date]:
    day = window.first
    while day <= window.end:
        yield day
        day += DAY
