"""When a server wants to be asked again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 24 * 3600.0
"""Seconds; whoever asks for more is taken to have asked for this. How long is really waited, the attempts decide."""


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from a `Retry-After` header, seconds or a date; None when it says nothing sensible."""
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]+", text):
        return float(text) if len(text) < 10 and float(text) < LONGEST else LONGEST
    if len(text) > 64:
        return None
    try:
        at = parsedate_to_datetime(text)
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST)
