"""`frequency: weekly`: some days of every week, or of every few weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from octops.model.task import Schedule
from octops.schedule.hourly import FIRST_MONDAY
from octops.schedule.resolve import at_times, once_each
from octops.schedule.times import WEEKDAYS, clock_times
from octops.schedule.window import Window


def weekly(schedule: Schedule, zone: ZoneInfo, window: Window) -> Iterator[datetime]:
    """Weeks begin on Monday; every N counts from the week of `start`, else from Monday 2024-01-01."""
    return once_each(at_times(_dates(schedule, window), clock_times(schedule.at)), zone, window)


def _dates(schedule: Schedule, window: Window) -> Iterator[date]:
    # Day numbers rather than dates: the week a date stands in may begin before the year 1.
    counted_from = schedule.start or FIRST_MONDAY
    monday = counted_from.toordinal() - counted_from.weekday()
    cycle = 7 * schedule.every
    weekdays = sorted(WEEKDAYS.index(day) for day in set(schedule.days))
    first, last = window.first.toordinal(), window.end.toordinal()
    for week in range(first - (first - monday) % cycle, last + 1, cycle):
        for weekday in weekdays:
            if first <= week + weekday <= last:
                yield date.fromordinal(week + weekday)
