"""`frequency: cron`: a strict five-field expression."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from octops.model.task import Schedule
from octops.schedule.expand import CronFields, expand
from octops.schedule.resolve import at_times, once_each
from octops.schedule.shown import whenever_shown
from octops.schedule.window import DAY, Window


def cron(schedule: Schedule, zone: ZoneInfo, window: Window) -> Iterator[datetime]:
    """Rule B when the hours mean all 24, however they are spelled. Raises ValueError for what `check` refuses."""
    fields = expand(schedule.cron)
    if fields.every_hour:
        return whenever_shown(fields.minutes, lambda day: fields.next_date(day, window.end), zone, window)
    return once_each(at_times(_dates(fields, window), fields.times), zone, window)


def _dates(fields: CronFields, window: Window) -> Iterator[date]:
    day = fields.next_date(window.first, window.end)
    while day is not None:
        yield day
        day = fields.next_date(day + DAY, window.end)
