"""What past runs cost, added up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from octops.app.history import Past
from octops.model.run import RunStatus, Usage
from octops.report.cost import Costs, Sum
from octops.report.runs import RunLine

_CATCH_UP = timedelta(days=8)
"""Records lie by their slot, money is counted where a run ended: up to this long after, with the usual deadline."""


class By(StrEnum):
    TASK = "task"
    MODEL = "model"
    DAY = "day"
    MONTH = "month"


def default_since(by: By, now: datetime) -> datetime:
    """Whole months of a year, whole days of a month."""
    day = now.astimezone(UTC).date()
    if by is By.MONTH:
        day = (
            day.replace(day=1, month=1)
            if day.month == 12
            else day.replace(day=1, month=day.month + 1, year=day.year - 1)
        )
    else:
        day -= timedelta(days=29)
    return datetime.combine(day, time(), UTC)


def add_up(past: Past, by: By, since: datetime) -> Costs:
    """Sums of all runs that asked a model, or failed to, and ended at `since` or later."""
    listed = past.read(past.places(since - _CATCH_UP))
    ended = (
        line
        for line in listed
        if line.status is not RunStatus.SKIPPED and line.finished_at is not None and line.finished_at >= since
    )
    sums = _sums(ended, by, past)
    total = Sum()
    for it in sums.values():
        total = _plus(total, it)
    dated = by in (By.DAY, By.MONTH)
    ordered = sorted(sums.values(), key=lambda it: it.key if dated else (-it.cost_usd, it.key))
    return Costs(by=by.value, since=since, sums=tuple(ordered), total=total)


def _sums(lines: Iterable[RunLine], by: By, past: Past) -> dict[str, Sum]:
    sums: dict[str, Sum] = {}
    for line in lines:
        key = past.heir(line.run) if by is By.TASK else _key(line, by)
        sums[key] = _plus(sums.get(key, Sum(key=key)), _one(line))
    return sums


def _key(line: RunLine, by: By) -> str:
    if by is By.MODEL:
        return line.model
    ended = line.finished_at
    form = "%Y-%m-%d" if by is By.DAY else "%Y-%m"
    return f"{ended.astimezone(UTC):{form}}" if ended else ""


def _one(line: RunLine) -> Sum:
    usage = line.usage + (line.earlier_usage or Usage())
    return Sum(
        runs=1,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=usage.cost_usd or 0.0,
        unknown=int(usage.cost_usd is None),
    )


def _plus(one: Sum, other: Sum) -> Sum:
    return replace(
        one,
        runs=one.runs + other.runs,
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cost_usd=one.cost_usd + other.cost_usd,
        unknown=one.unknown + other.unknown,
    )
