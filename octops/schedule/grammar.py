"""How a strict cron expression is written; what crons read in different ways is refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from octops.schedule.field import DATE, FIELDS, WEEKDAY, item_problem
from octops.schedule.problem import ScheduleProblem

_SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_LONGEST = 500
"""Characters; all five fields written out as full lists are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Five fields in capitals, with shorthands replaced; or every problem that stands in the way."""

    fields: tuple[str, ...] = ()
    problems: tuple[ScheduleProblem, ...] = ()


@lru_cache(maxsize=16_384)
def read(text: str) -> Reading:
    """Judges how an expression is written; `meaning` judges what it comes to."""
    refused = _shape_problem(text)
    if refused:
        return Reading(problems=(refused,))
    fields = tuple(_SHORTHANDS.get(text.strip().lower(), text).upper().split())
    pairs = zip(fields, FIELDS, strict=True)
    found = [item_problem(item, field) for written, field in pairs for item in _items(written)]
    problems = tuple(dict.fromkeys(problem for problem in found if problem))
    return Reading(fields=fields, problems=problems or _day_problems(fields))


def _items(written: str) -> list[str]:
    return written.split(",")


def _shape_problem(text: str) -> ScheduleProblem | None:
    if len(text) > _LONGEST or not text.isascii():
        cure = f"write at most {_LONGEST} characters, all of them ASCII"
        return _refused("cron-syntax", "the cron expression is too long, or has characters that no cron knows", cure)
    if text.lstrip().startswith("@"):
        return None if text.strip().lower() in _SHORTHANDS else _shorthand_problem(text.strip())
    count = len(text.split())
    if count == 5:
        return None
    cure = "write minute, hour, day of month, month and weekday, such as `30 8 * * MON-FRI`"
    if count in (6, 7):
        cure = f"{cure}: there are no seconds and no years"
    return _refused("cron-fields", f"a cron expression has five fields, this one has {count}", cure)


def _shorthand_problem(text: str) -> ScheduleProblem:
    if text.lower() == "@reboot":
        return _refused("cron-unsupported", "`@reboot` is not a time", "write when the task fires, such as `@daily`")
    known = ", ".join(f"`{name}`" for name in _SHORTHANDS)
    return _refused("cron-syntax", f"`{text}` is not a cron shorthand", f"write one of {known}, or five fields")


def _day_problems(fields: tuple[str, ...]) -> tuple[ScheduleProblem, ...]:
    """Day fields that are right one by one, but that crons combine in different ways."""
    dates, weekdays = fields[FIELDS.index(DATE)], fields[FIELDS.index(WEEKDAY)]
    every_date, every_weekday = dates in ("*", "*/1"), weekdays in ("*", "*/1")
    if "#" in weekdays and any("#" not in item for item in _items(weekdays)):
        cure = "write every item with `#`, or make two tasks"
        return (_refused("cron-days", f"`{weekdays}` mixes weekdays with and without `#`", cure),)
    if "#" in weekdays and not every_date:
        cure = "write `*` as the day of month, or make two tasks"
        return (_refused("cron-days", f"`{weekdays}` cannot be combined with a day of month", cure),)
    stepped = [f"`{item}`" for item in (*_items(dates), *_items(weekdays)) if item.startswith("*/")]
    if stepped and not every_date and not every_weekday:
        cure = "crons disagree whether both must hold or either: write the days as a list or a range, or make two tasks"
        return (_refused("cron-days", f"{stepped[0]} cannot be combined with the other day field", cure),)
    return ()


def _refused(code: str, summary: str, detail: str) -> ScheduleProblem:
    return ScheduleProblem(code=code, summary=summary, detail=detail, key="cron")
