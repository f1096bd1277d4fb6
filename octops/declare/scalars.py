"""Unquoted words → values: YAML 1.2 as people mean it."""

from __future__ import annotations

import math
import re

WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# A longer integer is more likely an account or a card than a count, and JSON readers elsewhere would round it.
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
# Without a point `12e4` stays text: it is as often the start of a commit id as a number.
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?")


def plain(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar. What is not plainly a number, true, false or null is text."""
    if text in WORDS:
        return WORDS[text]
    return number(text)


def number(text: str) -> str | int | float:
    """The number an unquoted scalar is, or the text itself. `plain` in two steps is for the reader's inner loop."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
