"""When to ask again: how long a wait is, and what `Retry-After` means."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
"""Seconds; of our own waits. A provider that asks for more is obeyed, as far as the run has time."""
_FAR: Final = 10.0**9

_SECONDS = re.compile(r"\d{1,400}(\.\d{1,30})?", re.ASCII)


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Seconds of a `Retry-After` header, as seconds or an HTTP date; past dates are 0, nonsense is None."""
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _FAR)
    return _seconds_until(text, now)


def wait_seconds(attempt: int, retry_after: float | None, random: Callable[[], float]) -> float:
    """The wait after attempt 1, 2, …: full jitter, or what the provider asked for and a little more."""
    if retry_after is not None:
        return retry_after + random() * FIRST_WAIT
    return random() * min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 30))


def _seconds_until(text: str, now: datetime) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(0.0, (aware - now).total_seconds()), _FAR)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
