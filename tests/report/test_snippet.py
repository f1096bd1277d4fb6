from __future__ import annotations

import unicodedata

import pytest

from octops.report.snippet import excerpt


def under(line: str, start: int, end: int, width: int = 80) -> str:
    """The cells of the shown line that stand over the carets; a wide character has two."""
    shown = excerpt(line, start, end, width)
    cells: list[str] = []
    for character in shown.text:
        if unicodedata.combining(character):
            continue
        cells += [character] + [""] * (unicodedata.east_asian_width(character) in "WF")
    return "".join(cells[shown.indent : shown.indent + shown.length])


@pytest.mark.parametrize(
    ("line", "start", "end", "marked"),
    [
        ("  - writing-stile", 4, 17, "writing-stile"),
        ("\tkey: value", 6, 11, "value"),
        ("名前：\t値段", 4, 6, "値段"),
        ("ｶﾅ: x", 4, 5, "x"),
        ("e\u0301e\u0301 x", 5, 6, "x"),
        ("\x1b[31m x", 6, 7, "x"),
        ("a\u202eb", 1, 2, r"\u202e"),
        ("👍 x", 2, 3, "x"),
    ],
)
def test_the_caret_stands_under_the_words_that_are_meant(line: str, start: int, end: int, marked: str) -> None:
    assert under(line, start, end) == marked


@pytest.mark.parametrize(("start", "end"), [(3, 3), (3, 1), (99, 120), (-4, -2)])
def test_there_is_always_one_caret(start: int, end: int) -> None:
    assert excerpt("abc", start, end, 80).length == 1


def test_a_place_behind_the_line_is_its_end() -> None:
    assert excerpt("abc", 99, 120, 80).indent == 3


@pytest.mark.parametrize("start", [0, 5, 50, 400, 990, 999])
@pytest.mark.parametrize("letter", ["a", "名", "\t", "\x1b"])
def test_a_long_line_is_cut_around_the_caret(letter: str, start: int) -> None:
    line = letter * start + "X" + letter * (999 - start)
    shown = excerpt(line, start, start + 1, 60)
    assert under(line, start, start + 1, 60) == "X"
    assert len(shown.text) <= 62
    assert shown.text.startswith("…") == (start > 20)
    assert shown.text.endswith("…") == (start < 940) or letter != "a"


def test_a_short_line_is_shown_whole() -> None:
    assert excerpt("short: line", 7, 11, 60).text == "short: line"


def test_a_mark_longer_than_the_line_ends_with_what_is_shown() -> None:
    shown = excerpt("a" * 500, 10, 500, 50)
    assert shown.indent + shown.length <= len(shown.text)


def test_what_has_no_width_is_cut_all_the_same() -> None:
    marks = "e" + "\u0301" * 5_000
    shown = excerpt(f"{marks}X{marks}", 5_001, 5_002, 60)
    assert (shown.text[0], shown.text[-1]) == ("…", "…")
    assert len(shown.text) < 200
