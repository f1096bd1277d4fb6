from __future__ import annotations

from octops.report.paint import Style, paint


def test_colour_stands_around_the_text_and_ends_with_it() -> None:
    assert paint("late", Style.WARNING, True) == "\x1b[1;33mlate\x1b[0m"


def test_without_colour_a_text_is_as_it_was() -> None:
    assert paint("late", Style.WARNING, False) == "late"


def test_nothing_is_not_coloured() -> None:
    assert paint("", Style.ADD, True) == ""
    assert paint("text", None, True) == "text"
