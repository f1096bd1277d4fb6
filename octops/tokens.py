"""Tokens of a text, estimated from its letters: no tokenizer is imported, so that a plan starts at once."""

from __future__ import annotations

import re
from typing import Final

CHARACTERS_PER_TOKEN: Final = 4
"""English prose and code in today's tokenizers."""

OTHER_CHARACTERS_PER_TOKEN: Final = 3
"""Letters outside ASCII that are not ideographs or symbols: accents, Cyrillic, Greek, Arabic, Hebrew, Devanagari."""

# About one token each: CJK, kana, hangul and their punctuation. About two: beyond the basic plane (emoji, rare Han).
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00010000-\U0010ffff]+")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]+")


def estimate_tokens(text: str) -> int:
    """About how many tokens a model reads, rounded up: prose within a third, JSON and rarer scripts within a half."""
    if text.isascii():
        return -(-len(text) // CHARACTERS_PER_TOKEN)
    ascii_ = len(text.encode("ascii", "ignore"))
    wide = sum(map(len, _WIDE.findall(text)))
    astral = sum(map(len, _ASTRAL.findall(text)))
    other = len(text) - ascii_ - wide
    return wide + astral + -(-ascii_ // CHARACTERS_PER_TOKEN) + -(-other // OTHER_CHARACTERS_PER_TOKEN)
