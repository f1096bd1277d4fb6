from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from octops.destinations.secrets import redacted, redacted_errors, resolve
from octops.model.run import DeliveryError

SECRET = 'p ä/+"ss=word'
SPELLINGS = [
    SECRET,
    quote(SECRET),
    quote(SECRET, safe=""),
    quote_plus(SECRET),
    base64.b64encode(SECRET.encode()).decode(),
    base64.urlsafe_b64encode(SECRET.encode()).decode(),
    SECRET.encode().hex(),
    SECRET.encode().hex().upper(),
    json.dumps(SECRET),
    json.dumps(SECRET, ensure_ascii=False),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_taken_out_however_it_is_spelled(spelling: str) -> None:
    assert redacted(f"a {spelling} b", (SECRET,)).replace('"', "").rstrip("=").startswith("a [redacted]")


def test_the_path_and_query_of_a_secret_address_are_taken_out() -> None:
    secrets = ("https://hooks.example.com/services/T0/B0?token=abcdefgh",)
    assert redacted("no /services/T0/B0 and token=abcdefgh at hooks.example.com", secrets) == (
        "no [redacted] and [redacted] at hooks.example.com"
    )


def test_a_secret_that_holds_another_is_taken_out_whole() -> None:
    assert redacted("abcdefgh", ("abcd", "abcdefgh")) == "[redacted]"


def test_very_short_secrets_leave_the_words_alone() -> None:
    assert redacted("a banana", ("a", "na")) == "a banana"


def test_an_error_keeps_everything_but_the_secret() -> None:
    with pytest.raises(DeliveryError) as told, redacted_errors(("hunter22",)):
        raise DeliveryError("no hunter22", retryable=True, certain=False, retry_after=3.0)
    error = told.value
    assert (str(error), error.retryable, error.certain, error.retry_after) == ("no [redacted]", True, False, 3.0)


def test_secrets_are_put_in_place_however_deep_and_text_stays() -> None:
    resolved = resolve({"a": {"b": {"env": "X"}}, "c": [{"env": "X"}, "t"], "d": {"env": "X", "e": 1}}, {"X": "v\n"})
    assert resolved.config == {"a": {"b": "v"}, "c": ("v", "t"), "d": {"env": "X", "e": 1}}
    assert resolved.secrets == ("v",)
