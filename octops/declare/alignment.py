"""A YAML string and its source, character by character: changes with how YAML writes strings."""

from __future__ import annotations

import re
from bisect import bisect_left

# Folding and indentation only add and drop these: everything else stands in the source in the same order.
_INK = re.compile(r"[^ \t\n]")
_SINGLE_QUOTED = re.compile(r"''|[^ \t\n]")
_DOUBLE_QUOTED = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\[^xuU]|[^ \t\n]",
    re.DOTALL,
)
_BLANK_ESCAPE = re.compile(r"\\(?:[nt \t\n]|x(?:09|0[aA]|20)|u00(?:09|0[aA]|20)|U000000(?:09|0[aA]|20))")


class Alignment:
    """Maps offsets in a string to offsets in the text that declares it."""

    def __init__(self, source: str, start: int, end: int, style: str, value: str) -> None:
        """`start` and `end` enclose the scalar in `source`, with its quotes or the header of its block."""
        if style in ("|", ">"):
            start = source.find("\n", start, end) + 1 or end
            pattern = _INK
        elif style:
            start, end = start + 1, end - 1
            pattern = _SINGLE_QUOTED if style == "'" else _DOUBLE_QUOTED
        else:
            pattern = _INK
        self._source = [
            found.span() for found in pattern.finditer(source, start, end) if not _BLANK_ESCAPE.fullmatch(found[0])
        ]
        self._value = [found.start() for found in _INK.finditer(value)]

    def source(self, start: int, end: int) -> tuple[int, int] | None:
        """Start and end in the source of the visible part of `value[start:end]`; None when there is none."""
        first, after = bisect_left(self._value, start), bisect_left(self._value, end)
        if first >= after or after > len(self._source):
            return None
        return self._source[first][0], self._source[after - 1][1]
