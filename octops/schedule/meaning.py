"""What a well-written cron expression comes to: it may never fire, or not when people think."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from octops.errors import Severity
from octops.schedule.expand import CronFields, expand
from octops.schedule.field import FIELDS
from octops.schedule.grammar import read
from octops.schedule.problem import ScheduleProblem
from octops.schedule.times import DAY_MINUTES, crowded

_LONGEST_MONTH = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


@lru_cache(maxsize=16_384)
def cron_problems(text: str) -> tuple[ScheduleProblem, ...]:
    """Every refusal, else every warning."""
    reading = read(text)
    if reading.problems:
        return reading.problems
    fields = expand(text)
    refused = tuple(_refusals(reading.fields, fields))
    return refused or tuple(_warnings(reading.fields, fields))


def _refusals(written: tuple[str, ...], fields: CronFields) -> Iterator[ScheduleProblem]:
    dates, weekdays = written[2], written[4]
    if fields.any_date and not fields.any_weekday and not dates.startswith("*"):
        yield _all_days(dates, weekdays, "day of month")
    if fields.any_weekday and not fields.any_date and not weekdays.startswith("*"):
        yield _all_days(weekdays, dates, "weekday")
    if fields.dates:
        longest = max(_LONGEST_MONTH[month] for month in fields.months)
        if min(fields.dates) > longest and not fields.last_date:
            cure = f"the longest of these months has {longest} days; `L` is the last day of a month"
            yield _problem("cron-never", f"day of month `{dates}` never comes in month `{written[3]}`", cure)


def _all_days(every: str, other: str, name: str) -> ScheduleProblem:
    cure = f"write `*` for the {name} if `{other}` alone should count, or `* *` for both if every day is meant"
    return _problem("cron-days", f"`{every}` is every {name}, so that `{other}` changes nothing", cure)


def _warnings(written: tuple[str, ...], fields: CronFields) -> Iterator[ScheduleProblem]:
    if not fields.any_date and not fields.any_weekday:
        cure = "make two tasks, or leave one of the two `*`"
        summary = f"fires when the day of month is `{written[2]}` or the weekday is `{written[4]}`: either is enough"
        yield _warning("cron-either-day", summary, cure)
    yield from _uneven(written)
    hours = {0} if fields.every_hour else fields.hours
    moments = {60 * hour + minute for hour in hours for minute in fields.minutes}
    if crowded(moments, cycle=60 if fields.every_hour else DAY_MINUTES):
        yield _warning("often", "fires more often than every 5 minutes", "write minutes further apart, such as `*/5`")


def _uneven(written: tuple[str, ...]) -> Iterator[ScheduleProblem]:
    for text, field in zip(written, FIELDS, strict=True):
        for item in text.split(","):
            step = _whole_step(item, f"{field.low}-{field.last}")
            if step > 1 and (field.size % step or field.name == "day of month"):
                summary = f"`{item}` in the {field.name} field is uneven: counting starts again at {field.low}"
                yield _warning("cron-uneven", summary, _even(field.name))


def _whole_step(item: str, whole: str) -> int:
    """The step of `*/n`, however the star is spelled; 1 for everything else."""
    head, _, step = item.partition("/")
    return int(step) if step and head in ("*", whole) else 1


def _even(name: str) -> str:
    if name == "minute":
        return "write a step that divides 60, such as 5, 10, 15, 20 or 30"
    if name == "hour":
        return "write a step that divides 24, or `frequency: hourly` with `every`, which keeps counting"
    return "write the values as a list, or `frequency: weekly` with `every`, which keeps counting"


def _problem(code: str, summary: str, detail: str) -> ScheduleProblem:
    return ScheduleProblem(code=code, summary=summary, detail=detail, key="cron")


def _warning(code: str, summary: str, detail: str) -> ScheduleProblem:
    return ScheduleProblem(severity=Severity.WARNING, code=code, summary=summary, detail=detail, key="cron")
