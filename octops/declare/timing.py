"""A `schedule` mapping → the noun Schedule: changes with the keys of a schedule."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from octops.declare.located import At, Problem
from octops.model.task import CatchUp, Frequency, Overlap, Schedule

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DATES = ("date", "start", "end")
_DEADLINE = {Frequency.ONCE: "24h"}


def seconds(duration: str) -> int:
    """`30m` → 1800. The text keeps the schema's pattern: a number and `s`, `m`, `h`, `d` or `w`."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


def schedule_of(values: Mapping[str, Any], policy: Mapping[str, Any]) -> Schedule:
    """The schedule of a task; `policy` are the project's `defaults.schedule`, which the task's own keys overrule."""
    merged = {**policy, **values} if policy else values
    return _schedule(tuple((key, tuple(it) if type(it) is list else it) for key, it in merged.items()))


@lru_cache(maxsize=4096)
def _schedule(items: tuple[tuple[str, Any], ...]) -> Schedule:
    """Many tasks share a schedule: one noun serves them all."""
    values = dict(items)
    get = values.get
    frequency = Frequency(get("frequency", "cron"))
    at = get("at", ())
    return Schedule(
        frequency=frequency,
        at=(at,) if isinstance(at, str) else at,
        date=_date(get("date")),
        days=get("days", ()),
        every=int(get("every", 1)),
        cron=get("cron", ""),
        start=_date(get("start")),
        end=_date(get("end")),
        catch_up=CatchUp(get("catch_up", "latest")),
        max_catch_up=int(get("max_catch_up", 10)),
        grace_seconds=seconds(get("grace", "1h")),
        deadline_seconds=seconds(get("deadline", _DEADLINE.get(frequency, "7d"))),
        overlap=Overlap(get("overlap", "wait")),
        spread_seconds=seconds(get("spread", "0s")),
    )


def date_problems(schedule: Mapping[str, Any]) -> Iterator[Problem]:
    """Dates that have the right shape and do not exist, such as `2026-02-30`."""
    for key in _DATES:
        text = schedule.get(key)
        if not isinstance(text, str):
            continue
        try:
            datetime.date.fromisoformat(text)
        except ValueError as error:
            yield Problem(
                code="bad-date",
                summary=f"`{text}` is not a date of the calendar: {error}",
                detail="write an existing day as `YYYY-MM-DD`",
                place=At(path=("schedule", key)),
            )


def _date(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None
