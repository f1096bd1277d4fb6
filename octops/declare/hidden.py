"""Characters a reader does not see: changes with what can hide in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

_KINDS = {
    "line break": "\x85\u2028\u2029",
    "bidirectional": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
    "zero-width": "\u00ad\u034f\u115f\u1160\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb",
    "tag": "\U000e0000-\U000e007f\U000e0100-\U000e01ef",
    "control": "\x00-\x08\x0b-\x1f\x7f-\x9f",
}
_HIDDEN = re.compile("[" + "".join(_KINDS.values()) + "]")
_KIND = {kind: re.compile(f"[{members}]") for kind, members in _KINDS.items()}
# ASCII text can only hide control characters: the small pattern is several times as fast.
_HIDDEN_ASCII = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """One character. `kind` is `bidirectional`, `zero-width`, `tag`, `control` or `line break`."""

    offset: int
    kind: str
    name: str
    """`U+202E RIGHT-TO-LEFT OVERRIDE`."""


def hidden_characters(text: str, *, limit: int = 20) -> tuple[Hidden, ...]:
    """The first `limit` hidden characters of the text, in order; line feeds and tabs are not hidden."""
    pattern = _HIDDEN_ASCII if text.isascii() else _HIDDEN
    if pattern.search(text) is None:
        return ()
    return tuple(_hidden(match) for match in islice(pattern.finditer(text), limit))


def character_name(character: str) -> str:
    """`U+202E RIGHT-TO-LEFT OVERRIDE`; only the number where Unicode has no name."""
    import unicodedata

    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def _hidden(match: re.Match[str]) -> Hidden:
    character = match[0]
    kind = next(kind for kind, members in _KIND.items() if members.match(character))
    return Hidden(offset=match.start(), kind=kind, name=character_name(character))
