"""One source line with room for a caret under it: tabs, wide characters and very long lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from octops.report.escape import terminal

_TAB = "    "
_CUT = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A line as shown, and where the caret stands in terminal cells."""

    text: str
    indent: int
    length: int


def excerpt(line: str, start: int, end: int, width: int) -> Excerpt:
    """The part of `line` around the characters [start, end) that fits into `width` cells; at least one caret."""
    start = min(max(start, 0), len(line))
    end = min(max(end, start), len(line))
    # One cell a character at least (combining marks aside): no more than `width` characters on either side can show.
    low, high = max(0, start - width), min(len(line), start + width)
    before = [_shown(character) for character in line[low:start]]
    after = [_shown(character) for character in line[start:high]]
    before, cut_left = _kept(reversed(before), _room_before(before, after, width), low > 0)
    after, cut_right = _kept(after, width - _cells(before), high < len(line))
    before.reverse()
    head = _CUT if cut_left else ""
    marked = _cells(after[: end - start])
    text = head + "".join(before) + "".join(after) + (_CUT if cut_right else "")
    return Excerpt(text=text, indent=len(head) + _cells(before), length=max(1, marked))


def _room_before(before: list[str], after: list[str], width: int) -> int:
    """A third of the line goes to what stands before the caret, or more when little stands after it."""
    return max(width // 3, width - _cells(after)) if _cells(before) + _cells(after) > width else width


def _kept(parts: Iterable[str], room: int, more: bool) -> tuple[list[str], bool]:
    kept: list[str] = []
    for part in parts:
        room -= _cells((part,))
        if room < 0:
            return kept, True
        kept.append(part)
    return kept, more


def _shown(character: str) -> str:
    return _TAB if character == "\t" else terminal(character)


def _cells(parts: Iterable[str]) -> int:
    return sum(_cell(character) for part in parts for character in part)


def _cell(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
