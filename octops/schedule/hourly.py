"""`frequency: hourly`: every hour of the day, or every few hours of the wall clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from octops.model.task import Schedule
from octops.schedule.resolve import once_each, resolve
from octops.schedule.shown import whenever_shown
from octops.schedule.times import anchor_time
from octops.schedule.window import MINUTE, Window

FIRST_MONDAY = date(2024, 1, 1)
"""Where counting every N hours or weeks begins for a schedule without `start`, in both directions."""


def hourly(schedule: Schedule, zone: ZoneInfo, window: Window) -> Iterator[datetime]:
    """Every hour is Rule B, every N hours Rule A. With `start`, the first slot is `start` at `at`."""
    anchor = datetime.combine(schedule.start or FIRST_MONDAY, anchor_time(schedule.at))
    if schedule.every == 1:
        return _every_hour(schedule, anchor, zone, window)
    return once_each(_counted(schedule, anchor, window), zone, window)


def _every_hour(schedule: Schedule, anchor: datetime, zone: ZoneInfo, window: Window) -> Iterator[datetime]:
    if window.first > window.end:
        return iter(())
    if schedule.start and window.since < anchor:
        window = replace(window, after=max(window.after, resolve(anchor, zone) - MINUTE))
    return whenever_shown({anchor.minute}, lambda day: day, zone, window)


def _counted(schedule: Schedule, anchor: datetime, window: Window) -> Iterator[datetime]:
    step = timedelta(hours=schedule.every)
    first = (window.since - anchor) // step
    if schedule.start:
        first = max(first, 0)
    last = (datetime.combine(window.end, time.max) - anchor) // step
    return (anchor + number * step for number in range(first, last + 1))
