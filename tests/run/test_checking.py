from __future__ import annotations

from typing import Any

import pytest

from octops.model.run import ErrorKind
from octops.model.task import Output
from octops.run.checking import CUT_MARK, check
from tests.fakes import said, wants

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"total": {"type": "number"}},
    "required": ["total"],
    "additionalProperties": False,
}
JSON = Output(format="json", schema=SCHEMA)
ANY_JSON = Output(format="json")


@pytest.mark.parametrize(
    ("text", "stop", "output", "kind"),
    [
        ("", "stop", Output(), ErrorKind.EMPTY_OUTPUT),
        (" \n\t", "stop", Output(), ErrorKind.EMPTY_OUTPUT),
        ("half a sen", "length", Output(), ErrorKind.TRUNCATED),
        ("", "length", Output(on_truncated="deliver"), ErrorKind.TRUNCATED),
        ('{"total": 1', "length", Output(format="json", on_truncated="deliver"), ErrorKind.TRUNCATED),
        ("I cannot", "content_filter", Output(), ErrorKind.MODEL),
        ("again, again, again, ", "repetition", Output(), ErrorKind.MODEL),
        ("text", "network_error", Output(), ErrorKind.MODEL),
        ("text", "tool_calls", Output(), ErrorKind.MODEL),
        ("not json", "stop", JSON, ErrorKind.INVALID_OUTPUT),
        ('{"total": "one"}', "stop", JSON, ErrorKind.INVALID_OUTPUT),
        ('{"total": 1, "more": 2}', "stop", JSON, ErrorKind.INVALID_OUTPUT),
        ('{"total": NaN}', "stop", JSON, ErrorKind.INVALID_OUTPUT),
        ('{"total": -Infinity}', "stop", JSON, ErrorKind.INVALID_OUTPUT),
        ('{"total": 1e999}', "stop", JSON, ErrorKind.INVALID_OUTPUT),
        ('{"total": 1} and more', "stop", JSON, ErrorKind.INVALID_OUTPUT),
        ("NaN", "stop", ANY_JSON, ErrorKind.INVALID_OUTPUT),
        ("[1e999]", "stop", ANY_JSON, ErrorKind.INVALID_OUTPUT),
        ("[" * 100_000, "stop", ANY_JSON, ErrorKind.INVALID_OUTPUT),
        ("9" * 5000, "stop", ANY_JSON, ErrorKind.INVALID_OUTPUT),
        ('"\\ud83d"', "stop", ANY_JSON, ErrorKind.INVALID_OUTPUT),
    ],
)
def test_a_run_is_not_completed_by_such_an_answer(text: str, stop: str, output: Output, kind: ErrorKind) -> None:
    checked = check(said(text, stop=stop), output)
    assert (checked.failure and checked.failure.kind, checked.text) == (kind, text)


def test_an_answer_that_ran_in_circles_is_said_to_have_done_so() -> None:
    failure = check(said("again, again, again, ", stop="repetition"), Output()).failure
    assert failure
    assert "the same over and over" in failure.message
    assert "stronger model" in failure.hint


@pytest.mark.parametrize(
    "text",
    [
        '{"total": 1}',
        ' \n{"total": 1}\n',
        '```json\n{"total": 1}\n```',
        '```\n{"total": 1}\n```',
        'Here it is:\n\n```json\r\n{"total": 1}\r\n```\nDone.',
    ],
)
def test_json_is_taken_alone_or_in_a_code_fence(text: str) -> None:
    checked = check(said(text), JSON)
    assert (checked.failure, checked.data) == (None, {"total": 1})


def test_backticks_inside_a_json_text_are_not_a_fence() -> None:
    assert check(said('"```\\n1\\n```"'), ANY_JSON).data == "```\n1\n```"


def test_a_cut_answer_is_delivered_marked_where_the_task_wants_it() -> None:
    checked = check(said("half a sen", stop="length"), Output(on_truncated="deliver"))
    assert (checked.text, checked.failure) == ("half a sen" + CUT_MARK, None)


def test_a_cut_tool_call_is_never_delivered() -> None:
    checked = check(said("half", wants("a__b"), stop="length"), Output(on_truncated="deliver"))
    assert checked.failure
    assert checked.failure.kind is ErrorKind.TRUNCATED


def test_what_breaks_the_schema_is_said_with_its_place_and_kept() -> None:
    checked = check(said('{"total": "one"}'), JSON)
    assert checked.failure
    assert "at `/total`" in checked.failure.message
    assert checked.data == {"total": "one"}


def test_a_thousand_disagreements_stay_a_short_message() -> None:
    schema: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
    checked = check(said(str(list(range(1000)))), Output(format="json", schema=schema))
    assert checked.failure
    assert len(checked.failure.message) < 3000
    assert "992 more" in checked.failure.message


@pytest.mark.parametrize("format_", ["text", "markdown"])
def test_words_are_taken_as_they_stand(format_: str) -> None:
    checked = check(said("  # Title\n"), Output(format=format_))
    assert (checked.text, checked.data, checked.failure) == ("  # Title\n", None, None)
