r"""JSON's `\ud83d\ude00` in YAML: libyaml refuses it, every JSON encoder writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from yaml import ScalarEvent

_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_MARKS = range(0xF0000, 0xFFFFE)
_MARKED = re.compile(r"([\U000F0000-\U000FFFFD])\1")


def has_pairs(text: str) -> bool:
    """True when a pair stands in the text and can be hidden from libyaml."""
    return "\\u" in text and _PAIR.search(text) is not None and max(text) < chr(_MARKS[0])


class HiddenPairs:
    """Replaces every pair by one escape libyaml reads and two equal private characters that say which pair it was.

    The replacement is as long as the pair, so places in the text stay. Where the scalar was not double-quoted the
    pair was ordinary text, and is put back.
    """

    def __init__(self, text: str) -> None:
        self._pairs: list[str] = []
        self.text = _PAIR.sub(self._hide, text)

    def events(self, following: Callable[[], Any]) -> Callable[[], Any]:
        """The same events, with the values the user wrote."""

        def event() -> Any:
            found = following()
            if type(found) is ScalarEvent and found.value:
                found.value = self._shown(found.value, double_quoted=found.style == '"')
            return found

        return event

    def _hide(self, pair: re.Match[str]) -> str:
        mark = chr(_MARKS[len(self._pairs)])
        self._pairs.append(pair[0])
        return f"\\U{_joined(pair):08X}{mark}{mark}"

    def _shown(self, value: str, *, double_quoted: bool) -> str:
        if double_quoted:
            return _MARKED.sub("", value)
        return re.sub(r"\\U[0-9A-F]{8}" + _MARKED.pattern, lambda mark: self._pairs[ord(mark[1]) - _MARKS[0]], value)


def _joined(pair: re.Match[str]) -> int:
    high, low = int(pair[1], 16), int(pair[2], 16)
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
