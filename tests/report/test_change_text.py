from __future__ import annotations

from dataclasses import replace

import pytest

from octops.model.ids import TaskId, Value
from octops.model.plan import Change, ChangeAction
from octops.report.change_text import MAX_LINES, MAX_VALUE, change_lines, estimate_words
from octops.report.texts import text_changes
from tests.report.samples import ESTIMATE, create, definition, delete, update


def lines(change: Change) -> list[str]:
    return list(change_lines(change, text_changes([change]), False))


def changed(before: Value, after: Value) -> Change:
    texts = {"prompt": "x"}
    return Change(
        task=TaskId("a"),
        action=ChangeAction.UPDATE,
        before=definition(texts=texts, **({} if before is None else {"key": before})),
        after=definition(texts=texts, **({} if after is None else {"key": after})),
    )


@pytest.mark.parametrize(
    ("change", "heading"),
    [
        (create("a"), "  # task.a will be created"),
        (update(), "  # task.weekly-report will be updated in-place (modified: prompt, model, sources, skills, tags)"),
        (delete("a"), "  # task.a will be destroyed (no file declares it any more)"),
        (
            replace(create("a"), action=ChangeAction.NO_OP, moved_from=TaskId("b")),
            "  # task.b has moved to task.a",
        ),
        (
            replace(changed(1, 2), moved_from=TaskId("b"), modified=("key",)),
            "  # task.a will be updated in-place (moved from task.b; modified: key)",
        ),
    ],
)
def test_the_heading_says_what_happens(change: Change, heading: str) -> None:
    assert lines(change)[0] == heading


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("a", "b", '~ key = "a" -> "b"'),
        (None, ["a"], '+ key = ["a"]'),
        ({"b": 1}, None, '- key = {"b": 1} -> null'),
        (("a",), ("a", 2), '~ key = ["a"] -> ["a", 2]'),
    ],
)
def test_an_attribute_shows_both_values(before: Value, after: Value, line: str) -> None:
    assert lines(changed(before, after))[2] == f"      {line}"


def test_attributes_that_stayed_are_not_shown() -> None:
    assert "timezone" not in "\n".join(lines(update()))


def test_a_facet_that_changed_in_another_file_is_named() -> None:
    assert "      ~ sources = (what it refers to has changed)" in lines(update())


def test_a_facet_whose_text_is_shown_is_not_named_again() -> None:
    assert [line for line in lines(update()) if "skills" in line and "#" not in line] == []


def test_a_long_value_is_cut_and_says_so() -> None:
    line = lines(changed(None, "x" * 10_000))[2]
    assert line.endswith(f"… ({10_002 - MAX_VALUE:,} more characters)")


def test_a_long_text_is_cut_and_says_so() -> None:
    long = replace(create(), after=definition(texts={"prompt": "line\n" * (MAX_LINES + 5)}))
    assert "          … 5 more lines" in lines(long)


def test_a_text_shown_before_is_only_pointed_at() -> None:
    first, second = create("a"), create("b")
    assert "      + prompt: as in task.a above" in list(change_lines(second, text_changes([first, second]), False))


def test_an_estimate_says_where_its_figures_come_from_and_what_was_before() -> None:
    assert estimate_words(replace(ESTIMATE, basis="ledger"), replace(ESTIMATE, month_usd=0.1)) == (
        "about 1,200 tokens in and 500 out by past runs, $0.011 a run; 30 runs a month, $0.33 (before: $0.10)"
    )


def test_a_task_without_slots_has_no_month() -> None:
    assert estimate_words(replace(ESTIMATE, runs_per_month=0, cost_usd=None)) == (
        "about 1,200 tokens in and 500 out by the length of the texts, at an unknown price a run"
    )


def test_colour_changes_no_word() -> None:
    plain = lines(update())
    painted = list(change_lines(update(), text_changes([update()]), True))
    assert painted != plain
    assert [line.split("\x1b[") for line in painted] != [[line] for line in plain]
