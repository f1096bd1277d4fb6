from __future__ import annotations

from octops.report.comment import Comment


def test_blocks_go_in_while_they_fit() -> None:
    comment = Comment(10)
    assert [comment.add(block) for block in ("12345", "1234567", "12345", "1")] == [True, False, True, False]
    assert comment.text() == "1234512345"


def test_what_is_reserved_stays_free() -> None:
    comment = Comment(10)
    assert not comment.add("12345678", reserve=5)
    assert comment.add("12345", reserve=5)


def test_a_character_outside_the_basic_plane_counts_twice() -> None:
    assert not Comment(3).add("👍👍")
    assert Comment(4).add("👍👍")


def test_rows_that_do_not_fit_are_counted() -> None:
    comment = Comment(100)
    assert comment.add_rows("head\n", (f"{number}....\n" for number in range(20)), share=0.5, reserve=30) == 15
    assert comment.text() == "head\n0....\n1....\n2....\n3....\n4....\n"


def test_a_head_without_a_row_is_left_out() -> None:
    comment = Comment(100)
    assert comment.add_rows("head\n", ["x" * 200], share=1, reserve=0) == 1
    assert comment.text() == ""


def test_after_a_row_that_did_not_fit_none_is_shown() -> None:
    comment = Comment(100)
    assert comment.add_rows("head\n", ["1\n", "x" * 200, "2\n"], share=1, reserve=0) == 2
    assert comment.text() == "head\n1\n"
