"""What unquoted words mean."""

from __future__ import annotations

import pytest

from octops.declare.scalars import plain


@pytest.mark.parametrize(
    "text",
    [
        "18:00",
        "9:30",
        "2026-02-15",
        "2026-13-45",
        "+15550100",
        "014",
        "0x1F",
        "0o14",
        "1_000",
        "on",
        "off",
        "yes",
        "no",
        "Y",
        ".nan",
        ".inf",
        "-.inf",
        "1e999",
        "1.0e999",
        "-1.5e400",
        "12e4",
        "1.",
        ".5",
        "01.5",
        "1.2.3",
        "1234567890123456789",
        "-",
        "-a",
        "<<",
        "None",
        "tRUE",
        "١٢",
    ],
)
def test_what_is_not_plainly_a_number_or_word_is_text(text: str) -> None:
    assert plain(text) == text
    assert type(plain(text)) is str


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("7", 7),
        ("-12", -12),
        ("123456789012345678", 123456789012345678),
        ("0.5", 0.5),
        ("-1.25", -1.25),
        ("10.0", 10.0),
        ("1.5e3", 1500.0),
        ("2.0E-2", 0.02),
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("False", False),
        ("FALSE", False),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("~", None),
        ("", None),
    ],
)
def test_numbers_booleans_and_null_are_what_they_look_like(text: str, value: object) -> None:
    assert plain(text) == value
    assert type(plain(text)) is type(value)
