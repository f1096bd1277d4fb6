"""Rule B: what fires in all 24 hours fires whenever the local clock shows the minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from octops.schedule.window import DAY, HOUR, MINUTE, Window


def whenever_shown(
    minutes: Set[int], next_date: Callable[[date], date | None], zone: ZoneInfo, window: Window
) -> Iterator[datetime]:
    """Slots at `minutes` of every hour of the dates that `next_date` gives: the first one from a date on, or None."""
    next_date = lru_cache(maxsize=8)(next_date)

    def fires(day: date) -> bool:
        return window.start <= day <= window.end and next_date(day) == day

    hour = window.after.replace(minute=0)
    while hour <= window.until:
        today = hour.astimezone(zone).date()
        # Newfoundland set its clocks back from 00:01 to 23:01: yesterday can come again, so look from there.
        coming = next_date(max(today - DAY, window.start))
        if coming is None or coming > window.end:
            return
        if coming > today + 2 * DAY:
            hour = datetime.combine(coming - DAY, time(0), UTC)
            continue
        for instant in _candidates(hour, minutes, fires, zone):
            local = instant.astimezone(zone)
            if window.after < instant <= window.until and local.minute in minutes and fires(local.date()):
                yield instant
        hour += HOUR


def _candidates(hour: datetime, minutes: Set[int], fires: Callable[[date], bool], zone: ZoneInfo) -> list[datetime]:
    """The instants of a UTC hour that may show one of the minutes: all of them when the offset changes in it."""
    first, last = hour.astimezone(zone), (hour + 59 * MINUTE).astimezone(zone)
    if first.utcoffset() != last.utcoffset():
        return [hour + past * MINUTE for past in range(60)]
    if not fires(first.date()) and not fires(last.date()):
        return []
    return [hour + past * MINUTE for past in sorted((minute - first.minute) % 60 for minute in minutes)]
