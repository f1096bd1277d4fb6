"""What a cron expression means, as sets. The only importer of croniter, which expands fields and nothing else."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from itertools import product

from octops.schedule.grammar import read
from octops.schedule.window import DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class CronFields:
    """The values each field allows. Weekdays count from Sunday, 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    dates: frozenset[int]
    last_date: bool
    """The last day of each month, besides `dates`."""
    months: frozenset[int]
    weekdays: frozenset[int]
    nth_weekdays: frozenset[tuple[int, int]]
    """Weekday and which one of the month, 1 to 5. When there are any, `weekdays` is empty."""
    times: tuple[time, ...]
    """Every minute of the hours, ascending; empty when the hours are all 24, which go by the clock."""

    @property
    def every_hour(self) -> bool:
        return len(self.hours) == 24

    @property
    def any_date(self) -> bool:
        return len(self.dates) == 31

    @property
    def any_weekday(self) -> bool:
        return len(self.weekdays) == 7

    def matches(self, day: date) -> bool:
        """Whether the expression fires on a local date. When both day fields say something, either will do."""
        if day.month not in self.months:
            return False
        if self.any_date:
            return self._weekday(day)
        if self.any_weekday:
            return self._date(day)
        return self._date(day) or self._weekday(day)

    def next_date(self, day: date, last: date) -> date | None:
        """The first date from `day` to `last` that matches."""
        while day <= last:
            if day.month not in self.months:
                if (day.year, day.month) == (date.max.year, 12):
                    return None
                day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
            elif self.matches(day):
                return day
            else:
                day += DAY
        return None

    def _date(self, day: date) -> bool:
        return day.day in self.dates or (self.last_date and day.day == monthrange(day.year, day.month)[1])

    def _weekday(self, day: date) -> bool:
        weekday = day.isoweekday() % 7
        return weekday in self.weekdays or (weekday, (day.day + 6) // 7) in self.nth_weekdays


@lru_cache(maxsize=16_384)
def expand(text: str) -> CronFields:
    """Raises ValueError, in the user's words, for an expression the grammar refuses."""
    reading = read(text)
    if reading.problems:
        raise ValueError(reading.problems[0].summary)
    from croniter import croniter

    (minute, hour, day, month, weekday), nth = croniter.expand(" ".join(reading.fields))
    minutes, hours = _values(tuple(minute), range(60)), _values(tuple(hour), range(24))
    return CronFields(
        minutes=minutes,
        hours=hours,
        dates=_values(tuple(day), range(1, 32)),
        last_date="l" in day,
        months=_values(tuple(month), range(1, 13)),
        weekdays=frozenset() if nth else _values(tuple(weekday), range(7)),
        nth_weekdays=frozenset((int(number), which) for number, several in nth.items() for which in several),
        times=() if len(hours) == 24 else tuple(time(*pair) for pair in product(sorted(hours), sorted(minutes))),
    )


@lru_cache(maxsize=1024)
def _values(expanded: tuple[object, ...], every: range) -> frozenset[int]:
    if "*" in expanded:
        return frozenset(every)
    return frozenset(value for value in expanded if isinstance(value, int))
