"""Rule A: a nominal local time, which may come twice or never, is one instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from octops.schedule.window import MINUTE, Window

_SECOND = timedelta(seconds=1)


def resolve(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the local clock shows `local` or, where it jumps over it, a later time.

    Rounded up to a whole minute: before standard time, offsets have seconds.
    """
    aware = local.replace(tzinfo=zone)
    instant = aware.astimezone(UTC)
    # PEP 495: over a gap, fold=1 is the earlier instant; in an hour that comes back, the later one.
    other = aware.replace(fold=1).astimezone(UTC)
    if other < instant:
        instant = _end_of_gap(local, zone, other, instant)
    if instant.second:
        instant = instant.replace(second=0) + MINUTE
    return instant


def once_each(nominal: Iterable[datetime], zone: ZoneInfo, window: Window) -> Iterator[datetime]:
    """The slots of nominal local times that ascend; those that resolve to one instant are one slot."""
    last = window.after
    for local in nominal:
        if local <= window.since:
            continue
        instant = resolve(local, zone)
        if instant > window.until:
            return
        if instant > last:
            yield instant
            last = instant


def at_times(dates: Iterable[date], times: tuple[time, ...]) -> Iterator[datetime]:
    """Every time on every date, in that order."""
    return (datetime.combine(day, moment) for day in dates for moment in times)


def _end_of_gap(local: datetime, zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The transition between an instant whose clock is behind `local` and one whose clock is past it."""
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).replace(tzinfo=None) > local:
            after = middle
        else:
            before = middle
    return after
