from __future__ import annotations

import difflib
import random
import re
import time

import pytest

from octops.report.diff import MAX_EDITS, MAX_LINES, SAME_LINES, unified_diff


def patched(before: str, diff: tuple[str, ...]) -> list[str]:
    """Apply a unified diff the way `patch` does, refusing what does not fit."""
    source = before.removesuffix("\n").split("\n") if before else []
    result: list[str] = []
    position = 0
    for line in diff:
        if head := re.fullmatch(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line):
            start = int(head[1]) - (head[2] != "0")
            result += source[position:start]
            position = start
            assert len(result) == int(head[3]) - (head[4] != "0")
        elif line[0] == "+":
            result.append(line[1:])
        else:
            assert source[position] == line[1:]
            position += 1
            result += [line[1:]] if line[0] == " " else []
    return result + source[position:]


def test_equal_texts_have_no_difference() -> None:
    assert unified_diff("a\nb\n", "a\nb\n") == ()


def test_changed_lines_stand_among_three_lines_of_context() -> None:
    before = "".join(f"{number}\n" for number in range(1, 10))
    assert unified_diff(before, before.replace("5", "five")) == (
        "@@ -2,7 +2,7 @@",
        " 2",
        " 3",
        " 4",
        "-5",
        "+five",
        " 6",
        " 7",
        " 8",
    )


def test_distant_changes_are_hunks_of_their_own() -> None:
    before = "".join(f"{number}\n" for number in range(30))
    after = before.replace("\n2\n", "\ntwo\n").replace("\n25\n", "\nx\n")
    assert [line for line in unified_diff(before, after) if line.startswith("@@")] == [
        "@@ -1,6 +1,6 @@",
        "@@ -23,7 +23,7 @@",
    ]


def test_a_new_text_is_all_added() -> None:
    assert unified_diff("", "a\nb\n") == ("@@ -0,0 +1,2 @@", "+a", "+b")


def test_a_text_that_goes_is_all_removed() -> None:
    assert unified_diff("a\n", "") == ("@@ -1 +0,0 @@", "-a")


def test_only_another_end_of_the_last_line_is_said_in_words() -> None:
    assert unified_diff("a", "a\n") == (SAME_LINES,)


def test_only_newlines_end_lines() -> None:
    assert unified_diff("a\u2028b\n", "a\u2028c\n") == ("@@ -1 +1 @@", "-a\u2028b", "+a\u2028c")


def test_a_diff_applied_to_the_old_text_gives_the_new_one_with_the_fewest_edits() -> None:
    chance = random.Random(7)
    for _ in range(3_000):
        before, after = ([chance.choice("abc") for _ in range(chance.randint(0, 14))] for _ in range(2))
        diff = unified_diff("".join(f"{line}\n" for line in before), "".join(f"{line}\n" for line in after))
        assert before == after or patched("".join(f"{line}\n" for line in before), diff) == after
        theirs = sum(line[0] in "+-" for line in difflib.ndiff(before, after))
        assert sum(line[0] in "+-" for line in diff) <= theirs


@pytest.mark.parametrize("words", ["xy", "abcdefghij", "x"])
def test_hostile_texts_are_compared_in_bounded_time(words: str) -> None:
    chance = random.Random(7)
    before, after = ("".join(chance.choice(words) + "\n" for _ in range(size)) for size in (60_000, 50_000))
    started = time.process_time()
    diff = unified_diff(before, after)
    assert patched(before, diff) == after.removesuffix("\n").split("\n")
    assert time.process_time() - started < 5


def test_texts_that_differ_too_much_are_one_block_for_another() -> None:
    before = "".join(f"{number}\nsame\n" for number in range(MAX_EDITS))
    after = "".join(f"{number}!\nsame\n" for number in range(MAX_EDITS))
    signs = "".join(line[0] for line in unified_diff(before, after)[1:])
    assert re.fullmatch(r"-+\++ ", signs)


@pytest.mark.parametrize(("between", "hunks"), [(6, 1), (7, 2)])
def test_changes_share_a_hunk_while_their_context_touches(between: int, hunks: int) -> None:
    same = "".join(f"{number}\n" for number in range(between))
    diff = unified_diff(f"a\n{same}b\n", f"A\n{same}B\n")
    assert sum(line.startswith("@@") for line in diff) == hunks
    assert len([line for line in diff if line.startswith(" ")]) == 6


def test_texts_with_too_many_lines_are_not_compared_inside() -> None:
    same = "".join(f"{number}\n" for number in range(MAX_LINES))
    assert len(unified_diff(f"a\n{same}b\n", f"A\n{same}B\n")) == 2 * (MAX_LINES + 2) + 1
