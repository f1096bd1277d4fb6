"""Places in a file, whatever it holds."""

from __future__ import annotations

import pytest

from octops.declare.located import At, InBody, InFile, Key, Place, Problem, Within, locate
from octops.declare.positions import Span
from octops.errors import Diagnostic

YAML = "name: x\nprompt: |\n  one\n  two two\nschedule: {at: ['09:00']}\n"
MARKDOWN = "---\nname: x\n---\n\nHello\nworld\n"


def place(text: str, where: Place, path: str = "tasks/t.yaml") -> tuple[int, int, int, int, str]:
    (found,) = locate(path, text, [Problem(code="c", summary="s", place=where)])
    at = found.location
    assert at is not None
    return at.line, at.column, at.end_line, at.end_column, found.snippet


def test_a_key_and_its_value_are_two_places() -> None:
    assert place(YAML, Key(path=("name",))) == (1, 1, 1, 5, "name: x")
    assert place(YAML, At(path=("name",))) == (1, 7, 1, 8, "name: x")


def test_a_way_that_ends_nowhere_ends_at_what_is_nearest() -> None:
    assert place(YAML, At(path=("schedule", "cron")))[:2] == (5, 1)


def test_a_part_of_a_text_is_found_where_the_file_writes_it() -> None:
    text = "one\ntwo two\n"
    assert place(YAML, Within(path=("prompt",), text=text, start=8, end=11)) == (4, 7, 4, 10, "  two two")


def test_the_prompt_of_a_markdown_task_is_its_body() -> None:
    where = Within(path=("prompt",), text="Hello\nworld\n", start=6, end=11)
    assert place(MARKDOWN, where, "tasks/t.md") == (6, 1, 6, 6, "world")
    assert place(MARKDOWN, InBody(start=0, end=5), "tasks/t.md") == (5, 1, 5, 6, "Hello")


def test_keys_of_front_matter_have_the_lines_of_the_file() -> None:
    assert place(MARKDOWN, Key(path=("name",)), "tasks/t.md")[:2] == (2, 1)


ANYWHERE = [
    InFile(start=10_000, end=20_000),
    InFile(start=3, end=1),
    Span(99, 99, 99, 99),
    Span(0, 0, 0, 0),
    Span(2, 500, 1, 1),
    InBody(start=500, end=1),
    Key(path=("a", 1, "b")),
    Within(path=("prompt",), text="other", start=2, end=9),
]


@pytest.mark.parametrize("where", ANYWHERE)
@pytest.mark.parametrize("text", ["", "\n", YAML, MARKDOWN, "- [", "---\nname: [", "---\n"])
@pytest.mark.parametrize("path", ["tasks/t.yaml", "tasks/t.md"])
def test_every_place_is_inside_the_file(where: Place, text: str, path: str) -> None:
    line, column, end_line, end_column, snippet = place(text, where, path)
    lines = text.split("\n")
    assert 1 <= line <= end_line <= len(lines)
    assert 1 <= column <= len(lines[line - 1]) + 1
    assert 1 <= end_column <= len(lines[end_line - 1]) + 1
    assert (line, column) <= (end_line, end_column)
    assert snippet == lines[line - 1]


def both(first: Problem, second: Problem, text: str) -> list[Diagnostic]:
    return list(locate("tasks/t.yaml", text, [first, second]))


def test_what_is_secret_is_hidden_in_the_snippet_of_its_neighbours_too() -> None:
    secret = Problem(code="a", summary="s", place=At(path=("a",)), secret=True)
    found = both(secret, Problem(code="b", summary="s", place=Key(path=("b",))), "{a: hunter2, b: 1}\n")
    assert [it.snippet for it in found] == ["{a: *******, b: 1}"] * 2


def test_two_secrets_on_one_line_are_two_mistakes() -> None:
    first = Problem(code="literal-secret", summary="s", place=At(path=("a",)), secret=True)
    second = Problem(code="literal-secret", summary="s", place=At(path=("b",)), secret=True)
    assert len(both(first, second, "{a: hunter2, b: hunter3}\n")) == 2


def test_a_secret_found_twice_at_one_place_is_one_mistake() -> None:
    shape = Problem(code="literal-secret", summary="a key", place=InFile(start=4, end=7), secret=True)
    position = Problem(code="literal-secret", summary="a value", place=At(path=("a",)), secret=True)
    assert [it.summary for it in both(shape, position, "{a: 'b c', b: x}\n")] == ["a key"]
