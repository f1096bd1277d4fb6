"""`frequency: once`: one date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from octops.model.task import Schedule
from octops.schedule.resolve import at_times, once_each
from octops.schedule.times import clock_times
from octops.schedule.window import Window


def once(schedule: Schedule, zone: ZoneInfo, window: Window) -> Iterator[datetime]:
    """Every time of `at` on `date`."""
    if schedule.date is None or not window.first <= schedule.date <= window.end:
        return iter(())
    return once_each(at_times((schedule.date,), clock_times(schedule.at)), zone, window)
