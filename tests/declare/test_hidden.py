"""Characters a reader does not see."""

from __future__ import annotations

import pytest

from octops.declare.hidden import hidden_characters


@pytest.mark.parametrize(
    ("character", "kind", "name"),
    [
        ("\u202e", "bidirectional", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u2066", "bidirectional", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("\u200f", "bidirectional", "U+200F RIGHT-TO-LEFT MARK"),
        ("\u200b", "zero-width", "U+200B ZERO WIDTH SPACE"),
        ("\u200d", "zero-width", "U+200D ZERO WIDTH JOINER"),
        ("\ufeff", "zero-width", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("\u00ad", "zero-width", "U+00AD SOFT HYPHEN"),
        ("\u3164", "zero-width", "U+3164 HANGUL FILLER"),
        ("\U000e0041", "tag", "U+E0041 TAG LATIN CAPITAL LETTER A"),
        ("\U000e0100", "tag", "U+E0100 VARIATION SELECTOR-17"),
        ("\x1b", "control", "U+001B"),
        ("\x00", "control", "U+0000"),
        ("\x9b", "control", "U+009B"),
        ("\r", "control", "U+000D"),
        ("\u2028", "line break", "U+2028 LINE SEPARATOR"),
        ("\x85", "line break", "U+0085"),
    ],
)
def test_what_cannot_be_seen_is_named_with_its_place(character: str, kind: str, name: str) -> None:
    (hidden,) = hidden_characters(f"a\tb\n{character}c")

    assert (hidden.offset, hidden.kind, hidden.name) == (4, kind, name)


@pytest.mark.parametrize(
    "text", ["", "plain\n\ttext", "naïve – „Wort“", "日本語", "שלום", "❤\ufe0f", "a\u00a0b", "e\u0301"]
)
def test_ordinary_text_of_any_script_hides_nothing(text: str) -> None:
    assert hidden_characters(text) == ()


def test_they_come_in_order_and_not_too_many() -> None:
    text = "\u200b\u202e" * 1000

    assert [hidden.offset for hidden in hidden_characters(text, limit=3)] == [0, 1, 2]
    assert len(hidden_characters(text)) == 20
