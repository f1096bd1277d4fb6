"""Numbers and instants as people say them: durations, lateness, money, tokens, local times."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from octops.model.run import ToolCall
from octops.schedule.zone import zone

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))

REASONS = {
    "due": "its slot has come",
    "late": "its slot has come and nothing ran it in time",
    "catch_up": "it was missed and is caught up",
    "superseded": "a newer slot of the task takes its place",
    "deadline": "it is older than the deadline of its schedule",
    "grace": "it is later than the grace of its schedule",
    "settled_ahead": "an apply that judged by a later time has passed it over",
    "overlap": "an earlier run of the task has not ended",
    "budget": "the budget is spent",
    "lease_expired": "the runner that had it is gone",
    "requested": "somebody asked for it",
    "open_delivery": "its answer is stored but not delivered everywhere",
    "paused": "its task is paused",
    "deleted": "its task is deleted",
    "moved": "its task has another id now",
    "not_declared": "no file declares it any more",
}
"""What the reason of a run, or of a change, means."""


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 task`, `2 tasks`, `1,000 tasks`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """The two largest units: `2 days 3 hours`, `47 minutes`, `0 seconds`."""
    left = max(0, int(seconds))
    parts: list[str] = []
    for unit, length in _UNITS:
        number, left = divmod(left, length)
        if number or parts:
            parts.append(count(number, unit) if number else "")
        if len(parts) == 2:
            break
    return " ".join(filter(None, parts)) or "0 seconds"


def lateness(seconds: int) -> str:
    """`47 minutes late`, or `on time` within the first minute."""
    return f"{duration(seconds)} late" if seconds >= 60 else "on time"


def money(usd: float | None) -> str:
    """US dollars with as many digits as they need: `$12.30`, `$0.011`, `$0.0042`; None is not zero."""
    if usd is None:
        return "unknown"
    if usd == 0 or usd >= 0.0995:
        return f"${usd:,.2f}"
    if usd < 0.0001:
        return "under $0.0001"
    return f"${usd:.3f}" if usd >= 0.00995 else f"${usd:.4f}"


def per_month(runs: float) -> str:
    """How often, over 30 days: `30 runs a month`, `0.5 runs a month`."""
    number = f"{runs:,.0f}" if runs >= 10 or runs == int(runs) else f"{runs:.1f}"
    return f"{number} {'run' if number == '1' else 'runs'} a month"


def reason(word: str) -> str:
    """The sentence for a reason; a word nobody told us about stands for itself, unescaped."""
    return REASONS.get(word, word.replace("_", " "))


def local_time(instant: datetime, zone_name: str) -> str:
    """`2026-03-02 09:00 CET (08:00 UTC)`; the UTC date too where it is another day."""
    universal = instant.astimezone(UTC)
    if zone_name in ("", "UTC"):
        return f"{universal:%Y-%m-%d %H:%M} UTC"
    local = universal.astimezone(zone(zone_name))
    shown = f"{universal:%H:%M}" if local.date() == universal.date() else f"{universal:%Y-%m-%d %H:%M}"
    return f"{local:%Y-%m-%d %H:%M %Z} ({shown} UTC)"


def slots_between(number: int, first_of_all: datetime | None, first: datetime, last: datetime, zone: str) -> str:
    """`4 slots, from … to …`; `more than 1,000 slots, …` where those before the `first` listed were not counted."""
    more = "more than " if first_of_all else ""
    return f"{more}{count(number, 'slot')}, from {local_time(first_of_all or first, zone)} to {local_time(last, zone)}"


def arguments_text(call: ToolCall) -> str:
    """What a tool was called with: JSON, or as the model wrote it where that is no JSON object. Not escaped."""
    return call.raw if call.arguments is None else json.dumps(call.arguments, ensure_ascii=False, default=str)
