"""How times of day and weekdays are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from functools import lru_cache

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MINUTES = 24 * 60

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MINUTE = re.compile(r":([0-5][0-9])")


@lru_cache(maxsize=DAY_MINUTES)
def clock_time(text: str) -> time:
    """`HH:MM`, 00:00 to 23:59. Raises ValueError for anything else."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is not a time of day")
    return time(int(found[1]), int(found[2]))


@lru_cache(maxsize=DAY_MINUTES)
def clock_times(texts: tuple[str, ...]) -> tuple[time, ...]:
    """Ascending, without repeats."""
    return tuple(sorted({clock_time(text) for text in texts}))


def anchor_time(at: tuple[str, ...]) -> time:
    """The `at` of an hourly schedule: `:MM` is a minute after midnight, `HH:MM` a time; without one, midnight."""
    if not at:
        return time(0)
    minute = _MINUTE.fullmatch(at[0])
    return time(0, int(minute[1])) if minute else clock_time(at[0])


def crowded(minutes: Iterable[int], *, cycle: int, closest: int = 5) -> bool:
    """Whether two of the minutes are fewer than `closest` apart in a cycle that starts again at its end."""
    ordered = sorted(set(minutes))
    following = [*ordered[1:], ordered[0] + cycle] if ordered else []
    return any(later - earlier < closest for earlier, later in zip(ordered, following, strict=True))
