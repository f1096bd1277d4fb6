"""Suggestions: near enough to help, never far enough to puzzle."""

from __future__ import annotations

import time

import pytest

from octops.declare.near import choice_text, nearest

IDS = ["writing-style", "release-notes", "team", "default"]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("writing-stile", "writing-style"),
        ("Writing_Style", "writing-style"),
        ("writingstyle", "writing-style"),
        ("teem", "team"),
        ("TEAM", "team"),
        ("zebra", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)
def test_the_nearest_word_is_the_one_that_was_meant(word: str, near: str) -> None:
    assert nearest(word, IDS) == near


def test_few_choices_are_all_named_and_many_are_not() -> None:
    assert choice_text("zebra", ["b", "a"]) == "there is `a`, `b`; "
    assert choice_text("zebra", [f"id-{n}" for n in range(50)]) == ""
    assert choice_text("zebra", []) == ""


def test_ten_thousand_choices_are_no_burden() -> None:
    choices = [f"task-{n}" for n in range(10_000)] + ["writing-style"]
    start = time.process_time()
    assert nearest("writing-stile", choices) == "writing-style"
    assert time.process_time() - start < 0.5
