"""When a task of 0ct fires → our schedule."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from octops.errors import Severity
from octops.importers.draft import Gathering
from octops.importers.text import one_line, texts
from octops.schedule.meaning import cron_problems
from octops.schedule.zone import is_zone, zone

SCHEDULE_KEYS = frozenset(
    [
        "schedule",
        "frequency",
        "cronExpression",
        "scheduleTime",
        "scheduledTime",
        "scheduleDays",
        "scheduledDay",
        "scheduleDate",
        "scheduledDate",
        "hourlyInterval",
        "scheduleInterval",
    ]
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def schedule(task: dict[str, Any], place: str, gathering: Gathering) -> dict[str, Any] | None:
    """None where there is nothing to fire by: the task then runs when it is triggered."""
    cron = one_line(task.get("cronExpression"))
    if cron:
        return cron_schedule(cron, f"{place}cronExpression", gathering)
    frequency = task.get("schedule") if isinstance(task.get("schedule"), str) else task.get("frequency")
    if frequency is None:
        return None
    at = _time(task)
    if frequency == "hourly":
        return _hourly(task, at)
    if frequency == "daily" and at:
        return {"frequency": "daily", "at": at}
    days = [day for day in _DAYS if day in [text.lower() for text in _named_days(task)]]
    if frequency == "weekly" and at and days:
        return {"frequency": "weekly", "days": days, "at": at}
    if frequency == "once" and (date := _date(task, at)):
        return date
    said = f"`{one_line(frequency, 40)}` without its time or day: write `schedule`, until then it runs when triggered"
    gathering.leave(f"{place}schedule", said)
    return None


def cron_schedule(expression: str, place: str, gathering: Gathering) -> dict[str, Any] | None:
    """The expression as it is, when it means one thing only."""
    errors = [it for it in cron_problems(expression) if it.severity is Severity.ERROR]
    if errors:
        gathering.leave(place, f"`{expression[:60]}`: {errors[0].summary}; {errors[0].detail}")
        return None
    return {"cron": expression}


def _named_days(task: dict[str, Any]) -> list[str]:
    return [*texts(task.get("scheduleDays")), *texts(task.get("scheduledDay"))]


def _time(task: dict[str, Any]) -> str:
    for key in ("scheduleTime", "scheduledTime"):
        match = re.match(r"(\d{1,2}):(\d{2})", one_line(task.get(key)))
        if match and int(match[1]) < 24 and int(match[2]) < 60:
            return f"{int(match[1]):02}:{match[2]}"
    return ""


def _hourly(task: dict[str, Any], at: str) -> dict[str, Any]:
    values: dict[str, Any] = {"frequency": "hourly"}
    every = task.get("hourlyInterval") or task.get("scheduleInterval")
    if isinstance(every, int) and 1 < every <= 720:
        values["every"] = every
    if at and at != "00:00":
        values["at"] = at if "every" in values else at[2:]
    return values


def _date(task: dict[str, Any], at: str) -> dict[str, Any] | None:
    """Its own date and time, or the instant at which it would have run next."""
    date = re.match(r"\d{4}-\d\d-\d\d", one_line(task.get("scheduledDate") or task.get("scheduleDate")))
    if date and at:
        return {"frequency": "once", "date": date[0], "at": at}
    try:
        next_at = datetime.fromisoformat(one_line(task.get("nextRunAt")))
    except ValueError:
        return None
    name = task.get("timezone")
    if next_at.tzinfo and isinstance(name, str) and is_zone(name):
        next_at = next_at.astimezone(zone(name))
    return {"frequency": "once", "date": f"{next_at:%Y-%m-%d}", "at": f"{next_at:%H:%M}"}
