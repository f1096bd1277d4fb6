"""Where keys and values stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octops.declare.positions import Span, positions, span_at
from octops.declare.yamlfile import YamlError, parse

TASK = """\
name: Daily digest
schedule:
  frequency: daily
  at: ["18:00", 19:00]
skills:
  - writing-style
  - [a,
     b]
sources: {x: 1}
destinations:
- team
- type: webhook
owner:
"""


def pointed(text: str, span: Span) -> str:
    """What the caret lies under."""
    lines = text.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    middle = lines[span.line : span.end_line - 1]
    first, last = lines[span.line - 1][span.column - 1 :], lines[span.end_line - 1][: span.end_column - 1]
    return "\n".join([first, *middle, last])


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("name",), "Daily digest"),
        (("schedule",), "frequency: daily"),
        (("schedule", "frequency"), "daily"),
        (("schedule", "at"), '["18:00", 19:00]'),
        (("schedule", "at", 0), '"18:00"'),
        (("schedule", "at", 1), "19:00"),
        (("skills",), "- writing-style"),
        (("skills", 0), "writing-style"),
        (("skills", 1), "[a,"),
        (("skills", 1, 1), "b"),
        (("sources",), "{x: 1}"),
        (("destinations", 0), "team"),
        (("destinations", 1), "type: webhook"),
        (("destinations", 1, "type"), "webhook"),
        (("owner",), "owner"),
        ((), "name: Daily digest"),
        (("nothing",), "name: Daily digest"),
        (("schedule", "missing"), "schedule"),
        (("skills", 7), "skills"),
        (("destinations", 1, "url"), "type: webhook"),
        (("name", "deeper", 3), "name"),
    ],
)
def test_a_value_is_where_it_is_written_or_at_its_parent(path: tuple[str | int, ...], shown: str) -> None:
    assert pointed(TASK, positions(TASK).value(path)) == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("name",), "name"),
        (("schedule", "at"), "at"),
        (("schedule", "missing"), "schedule"),
        (("skills", 0), "writing-style"),
        (("destinations", 1, "type"), "type"),
        ((), "name: Daily digest"),
        (("nothing",), "name: Daily digest"),
    ],
)
def test_a_key_is_where_it_is_written(path: tuple[str | int, ...], shown: str) -> None:
    assert pointed(TASK, positions(TASK).key(path)) == shown


def test_lines_and_columns_count_from_one_in_characters() -> None:
    assert positions("é: 1\n\U0001f600k: ü\n").value(("\U0001f600k",)) == Span(2, 5, 2, 6)


def test_of_two_equal_keys_the_first_counts() -> None:
    found = positions("a: 1\nb: 2\na: 3\nc: 4\n")

    assert [found.key((name,)).line for name in "abc"] == [1, 2, 4]


def test_a_broken_text_has_the_positions_before_the_break() -> None:
    found = positions("a: 1\nb: &x 2\nc: *x\nd: [\n")

    assert [found.key((name,)).line for name in "abcd"] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "text", ["", "[" * 50_000, "a: " + "[" * 50_000, "- a\n" * 60_000, "\x00", "\ud800", "a" * 300_000]
)
def test_any_text_has_positions(text: str) -> None:
    assert positions(text).key(("a",)).line == 1
    assert positions(text).value(()).line == 1


@pytest.mark.parametrize(
    ("text", "line", "column", "end_column"),
    [
        ("a: |\n  one\n\n    two <<name>> x\n", 4, 9, 17),
        ("a: |4-  # comment\n      two <<name>> x\n", 2, 11, 19),
        ("x: 1\na: >\n  one\n  two <<name>> x\n\n  three\n", 4, 7, 15),
        ("a: one <<name>> x\n", 1, 8, 16),
        ("a: one\n   two\n   <<name>>\n", 3, 4, 12),
        ("a: 'it''s ''so'' <<name>>'\n", 1, 18, 26),
        ('a: "one\\n\\u0020\\ttwo \\"\\xe9\\ud83d\\ude00 <<name>>\\n"\n', 1, 41, 49),
        ('a: "one \\\n   two <<name>>"\n', 2, 8, 16),
    ],
)
def test_a_place_inside_a_text_is_exact_however_it_is_written(
    text: str, line: int, column: int, end_column: int
) -> None:
    value: str = parse(text)["a"]  # type: ignore[assignment, index, call-overload]

    span = positions(text).inside(("a",), value, value.index("<<name>>"), len("<<name>>"))

    assert (span.line, span.column, span.end_line) == (line, column, line)
    assert span.end_column == end_column


def test_a_text_that_was_trimmed_after_reading_still_has_its_places() -> None:
    found = positions("a: |\n  one two\n  three\n")

    assert found.inside(("a",), "one two\nthree\n", 8, 5) == Span(3, 3, 3, 8)
    assert found.inside(("a",), "onetwo three", 7, 5) == Span(3, 3, 3, 8)


def test_very_many_values_have_no_positions_of_their_own() -> None:
    assert positions("- a\n" * 60_000).value((50_000,)).line == 1


def test_a_blank_place_is_the_whole_value() -> None:
    assert positions("a: x y\n").inside(("a",), "x y", 1, 1) == Span(1, 4, 1, 7)
    assert positions("a: x y\n").inside(("b",), "x y", 1, 1) == Span(1, 1, 1, 7)


LINES = st.lists(st.text("ab <>é\U0001f600", max_size=8), min_size=1, max_size=5)


@given(LINES.filter(lambda lines: any(line.strip() for line in lines)), st.sampled_from("|>'\"p"), st.data())
def test_every_visible_character_is_found_in_every_style(lines: list[str], style: str, data: st.DataObject) -> None:
    if style in "|>":
        text = f"k: {style}2\n" + "".join(f"  {line}\n" for line in lines)
    else:
        quote = style if style in "'\"" else ""
        text = f"k: {quote}" + "\n  ".join(lines) + f"{quote}\n"
    try:
        value = parse(text)["k"]  # type: ignore[index, call-overload]
    except YamlError:
        return
    if not isinstance(value, str) or not value.strip():
        return
    offset = data.draw(st.sampled_from([at for at, character in enumerate(value) if character not in " \n"]))

    assert pointed(text, positions(text).inside(("k",), value, offset, 1)) == value[offset]


def test_a_span_in_a_body_counts_from_the_bodys_line() -> None:
    assert span_at("one\ntwo three\n", 8, 13, first_line=5) == Span(6, 5, 6, 10)
    assert span_at("one\ntwo", 1, 5) == Span(1, 2, 2, 2)
