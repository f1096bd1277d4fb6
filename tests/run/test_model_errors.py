from __future__ import annotations

import pytest

from octops.run.model_errors import LONGEST_MESSAGE, CallFault, Cause, fault_of, hint_for, sentence


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("litellm.RateLimitError: RateLimitError: OpenAIException - slow down", "slow down"),
        ("litellm.Timeout: Timeout Error: OpenAIException - too slow", "too slow"),
        ('litellm.BadRequestError: AnthropicException - {"error": {"message": "no such field"}}', "no such field"),
        ('AnthropicException - {"error": "plain"}. Handle with care', "plain"),
        ('{"broken": ', '{"broken":'),
        ("one\r\n::error::two\x1b[31m\u2028three", "one ::error::two [31m three"),
        ("boom\nTraceback (most recent call last)\n  File x", "boom"),
        ("my secret-one and secret", "my [redacted] and [redacted]"),
        ("", ""),
    ],
)
def test_a_sentence_is_one_line_without_secrets_and_class_names(text: str, line: str) -> None:
    assert sentence(text, ("secret", "secret-one")) == line


def test_a_sentence_is_bounded() -> None:
    assert len(sentence("x" * 10_000, ())) == LONGEST_MESSAGE


def test_an_error_of_litellms_own_is_judged_by_its_status() -> None:
    class Refused(Exception):
        status_code = 422

    fault = fault_of(Refused("this provider takes no tools"))
    assert (fault.cause, fault.status, fault.retryable) == (Cause.REQUEST, 0, False)


def test_a_cycle_of_causes_ends() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert fault_of(one).cause is Cause.ANSWER


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_hint(cause: Cause) -> None:
    for status in (0, 301, 400, 401, 402, 403, 404, 418, 429, 500):
        assert hint_for(CallFault(cause=cause, status=status), model="a/b", variable="", api_base=False)
