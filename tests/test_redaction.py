from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from octops.redaction import MARK, Redactor

SECRET = 'p ä/+"ss=wörds'
SPELLINGS = {
    "as it is": SECRET,
    "for a path": quote(SECRET),
    "for a query": quote(SECRET, safe=""),
    "for a form": quote_plus(SECRET),
    "with small escapes": quote(SECRET, safe="")
    .replace("%C3", "%c3")
    .replace("%A4", "%a4")
    .replace("%2F", "%2f")
    # Every escape of the secret that holds a letter.
    .replace("%2B", "%2b")
    .replace("%3D", "%3d")
    .replace("%B6", "%b6"),
    "in base64": base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "in base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    "in hex": SECRET.encode().hex(),
    "in capital hex": SECRET.encode().hex().upper(),
    "in JSON": json.dumps(SECRET)[1:-1],
    "in JSON with its letters": json.dumps(SECRET, ensure_ascii=False)[1:-1],
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_secret_is_taken_out_however_it_is_spelled(spelling: str) -> None:
    assert Redactor([SECRET]).text(f"a {spelling} b") == f"a {MARK} b"


@pytest.mark.parametrize("before", ["", "u", "us", "user:", "ada@example.com:"])
@pytest.mark.parametrize("after", ["", "\n", " and more"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_inside_a_longer_base64_text_is_taken_out(before: str, after: str, encode: object) -> None:
    assert callable(encode)
    told = Redactor(["hunter22-hunter22"]).text(encode(f"{before}hunter22-hunter22{after}".encode()).decode())
    assert MARK in told
    # What is left of it holds at most two characters of the secret.
    assert base64.b64encode(b"hunter22-hunter22").decode()[4:20] not in told


def test_a_line_end_around_a_secret_is_no_part_of_it() -> None:
    assert Redactor(["hunter22\r\n"]).text("key=hunter22;") == f"key={MARK};"


def test_a_secret_that_holds_another_is_taken_out_whole() -> None:
    assert Redactor(["abcd", "abcdefgh"]).text("abcdefgh abcd") == f"{MARK} {MARK}"


def test_the_path_and_query_of_a_secret_address_are_taken_out_and_its_host_stays() -> None:
    redactor = Redactor(["https://hooks.example.com/services/T0/B0?token=abcdefgh"])
    assert redactor.text("/services/T0/B0 token=abcdefgh hooks.example.com") == f"{MARK} {MARK} hooks.example.com"


@pytest.mark.parametrize("secrets", [[], ["", " ", "a", "abc"]])
def test_very_short_secrets_and_none_leave_the_words_alone(secrets: list[str]) -> None:
    assert Redactor(secrets).text("abc a banana") == "abc a banana"


def test_a_value_is_redacted_in_its_keys_and_texts_however_deep_and_keeps_its_shape() -> None:
    value = {"hunter22": [1, True, None, {"b": ("x hunter22", 2.5)}]}
    assert Redactor(["hunter22"]).value(value) == {MARK: [1, True, None, {"b": [f"x {MARK}", 2.5]}]}


def test_words_of_a_pattern_in_a_secret_mean_themselves() -> None:
    assert Redactor(["a.*b"]).text("a.*b aXXb") == f"{MARK} aXXb"


def test_what_was_taken_out_says_nothing_about_its_length() -> None:
    assert Redactor(["x" * 40]).text("x" * 40) == Redactor(["y" * 9]).text("y" * 9)
