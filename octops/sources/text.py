"""How long a text may be that a tool or a server says: changes with the cut."""

from __future__ import annotations

import re
from typing import Final

_WITHOUT_NEWS = re.compile(r"\s.*|Traceback \(most recent call last\):|Node\.js v\S+|\W*")
"""Frames of stacks and other lines that say nothing about what went wrong."""
_LAST_LINES: Final = 3
_LONGEST_LINE: Final = 300


def cut(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8 and a sentence that says how much is missing."""
    octets = text.encode(errors="replace")
    if len(octets) <= most:
        return text if text.isascii() else octets.decode()
    kept = octets[:most].decode(errors="ignore")
    return f"{kept}\n[cut off here: {most} of {len(octets)} bytes are shown; ask for less]"


def shortened(text: str, most: int) -> str:
    """At most `most` characters, for names and sentences inside a sentence."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def last_words(text: str) -> str:
    """What a process said before it ended, on one line: of a stack trace what it is about, else the last lines."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    news = [line for line in lines if not _WITHOUT_NEWS.fullmatch(line)] or lines
    return " / ".join(shortened(line.strip(), _LONGEST_LINE) for line in news[-_LAST_LINES:])
