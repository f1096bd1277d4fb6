"""Suggestions: near enough to help, never far enough to puzzle."""

from __future__ import annotations

import time

import pytest

from octops.declare.near import choice_text, nearest

IDS = ["writing-style", "release-notes", "team", "default", "a-b-c-d"]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("writing-stile", "writing-style"),
        ("Writing_Style", "writing-style"),
        ("writingstyle", "writing-style"),
        ("teem", "team"),
        ("a_b_c_d", "a-b-c-d"),
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


MANY = frozenset([f"task-{n:05}" for n in range(10_000)] + IDS)


@pytest.mark.parametrize("word", ["writing-stile", "writing-styel", "writingstyle", "writing-sstyle", "Writing_Style"])
def test_among_ten_thousand_choices_one_slip_is_understood(word: str) -> None:
    assert nearest(word, MANY) == "writing-style"


def test_ten_thousand_choices_are_no_burden() -> None:
    start = time.process_time()
    assert all(nearest(f"tusk-{n:05}", MANY) for n in range(1000))
    assert time.process_time() - start < 3
