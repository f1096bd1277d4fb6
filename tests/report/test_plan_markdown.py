from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from octops.errors import Diagnostic, Severity
from octops.model.ids import TaskId
from octops.model.plan import Change, ChangeAction, Effects, Plan
from octops.report.comment import MARKER
from octops.report.plan_markdown import LIMIT, plan_markdown
from tests.golden import check_golden
from tests.report.samples import (
    LEDGER,
    NOW,
    REVISION,
    compared,
    create,
    definition,
    delete,
    large_plan,
    plan,
    update,
    warning,
)


def wide(number: int, size: int) -> Plan:
    """Changes whose prompts are long and differ from one another."""
    changes = (
        replace(
            update(),
            task=TaskId(f"t{at}"),
            after=definition(texts={"prompt": f"{at}\n" + "👍" * size}),
            new_effects=Effects(),
        )
        for at in range(number)
    )
    return Plan(as_of=NOW, base=REVISION, changes=tuple(changes))


def test_a_comment_between_two_commits() -> None:
    check_golden("report/plan-base.md", plan_markdown(compared()))


def test_a_comment_against_the_ledger() -> None:
    check_golden("report/plan.md", plan_markdown(plan()))


def test_what_needs_eyes_stands_before_the_table_and_the_table_before_the_diffs() -> None:
    text = plan_markdown(compared())
    assert 0 < text.index("Look at these first") < text.index("| task |") < text.index("<details>")


@pytest.mark.parametrize("sample", [plan(), compared(), Plan(as_of=NOW)], ids=["ledger", "base", "nothing"])
def test_the_first_line_is_a_mark_that_nobody_sees(sample: Plan) -> None:
    assert plan_markdown(sample).splitlines()[0] == MARKER


def test_a_prompt_as_it_would_be_sent_stands_after_what_people_wrote() -> None:
    before = definition(texts={"prompt": "On <<current_date>>.\n", "rendered": "On 2026-03-01.\n"})
    after = definition(texts={"prompt": "By <<current_date>>.\n", "rendered": "By 2026-03-01.\n", "skill:a": "x\n"})
    text = plan_markdown(Plan(as_of=NOW, base=REVISION, changes=(replace(update(), before=before, after=after),)))
    titles = [line for line in text.splitlines() if line.startswith("<details>")]
    assert titles[-1].endswith("<code>prompt</code> filled in as of 2026-03-02 08:47 UTC</summary>")
    assert len(titles) == 3
    assert "-On 2026-03-01.\n+By 2026-03-01.\n" in text


def test_nothing_changed_is_one_line() -> None:
    text = plan_markdown(Plan(as_of=NOW, revision=REVISION, base=LEDGER, unchanged=3))
    assert text == f"{MARKER}\nNo changes. octops compared `3f2c1a90b7e6` with `8e1d0c9b8a7f`.\n"


def test_a_quiet_change_has_no_warning() -> None:
    quiet = replace(update(), new_effects=Effects(), estimate_before=None)
    assert "Look at" not in plan_markdown(Plan(as_of=NOW, changes=(quiet,)))


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        (create(), "| `+` | `daily-digest` | created | none | $0.33 |"),
        (delete(), "| `-` | `old-report` | **deleted**, no file declares it any more | none | $1.00 → $0.00 |"),
        (
            update(),
            "| `~` | `weekly-report` | updated: `prompt`, `model` `default` → `fast`, `sources`, `skills`, `tags` |",
        ),
        (
            replace(update(), action=ChangeAction.NO_OP, moved_from=TaskId("b")),
            "|  | `weekly-report` | renamed from `b` |",
        ),
        (
            replace(update(), modified=("prompt",), moved_from=TaskId("b")),
            "| `~` | `weekly-report` | renamed from `b`, updated: `prompt` |",
        ),
    ],
)
def test_a_row_says_what_changes(change: Change, cell: str) -> None:
    assert cell in plan_markdown(Plan(as_of=NOW, changes=(change,)))


def test_a_text_shared_by_many_tasks_is_shown_once() -> None:
    text = plan_markdown(Plan(as_of=NOW, changes=tuple(create(f"t{at}") for at in range(50))))
    assert text.count("<details>") == 1
    assert "</code> and 49 more tasks: <code>prompt</code>" in text


@pytest.mark.parametrize("limit", [2_000, 10_000, LIMIT])
@pytest.mark.parametrize("sample", [plan(), wide(3, 100_000), wide(100, 900), wide(2_000, 1), large_plan(1_000)])
def test_a_comment_is_never_too_long_and_never_broken(sample: Plan, limit: int) -> None:
    text = plan_markdown(sample, limit=limit)
    assert len(text.encode("utf-16-le")) // 2 <= limit
    assert text.count("<details>") == text.count("</details>")
    fences = [token for token in MarkdownIt("commonmark").enable("table").parse(text) if token.type == "fence"]
    assert len(fences) == text.count("<details>")


def test_what_did_not_fit_is_counted() -> None:
    text = plan_markdown(large_plan(1_000))
    shown = text.count("| `~` |")
    assert f"{1_000 - shown} more changed tasks did not fit into this comment." in text
    assert "more things to look at did not fit" in text
    assert "more runs did not fit" in text
    assert f"Cut here: {1_000 - text.count('<details>')} text differences more did not fit" in text


def test_a_long_diff_is_cut_at_a_line_and_says_so() -> None:
    long = replace(create(), after=definition(texts={"prompt": "line\n" * 20_000}))
    assert "more characters are not shown\n```\n\n</details>" in plan_markdown(Plan(as_of=NOW, changes=(long,)))


def test_the_same_plan_gives_the_same_comment() -> None:
    assert plan_markdown(large_plan(300)) == plan_markdown(large_plan(300))


def test_ten_thousand_changes_are_a_comment_in_seconds() -> None:
    large = large_plan()
    started = time.process_time()
    assert len(plan_markdown(large)) <= LIMIT
    assert time.process_time() - started < 10


@pytest.mark.parametrize("limit", range(1_500, 6_000, 97))
def test_at_every_size_the_reader_is_told_what_is_missing(limit: int) -> None:
    text = plan_markdown(wide(6, 300), limit=limit)
    shown = text.count("<details>")
    last = "did not fit into this comment; run `octops plan --base 3f2c1a90b7e6` to see them.\n"
    assert shown == 6 or text.endswith(last)


def test_what_many_tasks_gain_is_one_line_and_few_tasks_are_named() -> None:
    few, many = (tuple(create(f"t{at}") for at in range(number)) for number in (3, 9))
    assert "- `task.t0`, `task.t1`, `task.t2`: new host " in plan_markdown(Plan(as_of=NOW, changes=few))
    assert "- `task.t0`, `task.t1`, `task.t2` and 6 more tasks: new host " in plan_markdown(
        Plan(as_of=NOW, changes=many)
    )


def test_the_most_far_reaching_of_every_task_comes_first_and_each_kind_is_seen() -> None:
    gains = [Effects(hosts=(f"h{at}.example.com",)) for at in range(2_000)]
    gains += [Effects(models=("a/b",)), Effects(commands=("rm -rf build",)), Effects(recipients=("ops",))]
    changes = (
        replace(create(f"t{at:04}"), new_effects=effects, estimate=None, after=definition(texts={"prompt": ""}))
        for at, effects in enumerate(gains)
    )
    text = plan_markdown(Plan(as_of=NOW, changes=tuple(changes)))
    assert (
        text.index("recipient `ops`") < text.index("host `h0.") < text.index("command `rm") < text.index("model `a/b`")
    )
    assert text.index("model `a/b`") < text.index("host `h100.")
    (left_out,) = re.findall(r"\*\*([0-9,]+) more things", text)
    assert text.count(": new ") + int(left_out.replace(",", "")) == 2_003


def test_warnings_stand_with_what_needs_eyes_and_notes_after_the_table() -> None:
    note = Diagnostic(severity=Severity.NOTE, code="n", summary="task `a` is `b`", detail="look", location=None)
    text = plan_markdown(replace(compared(), diagnostics=(warning(), note)))
    assert text.index("Look at these first") < text.index("`{{organization_name}}` is text") < text.index("| task |")
    assert text.index("| task |") < text.index("#### Notes\n\n- task `a` is `b`\\; look\n") < text.index("<details>")


def test_a_plan_without_changes_still_warns() -> None:
    text = plan_markdown(Plan(as_of=NOW, base=REVISION, diagnostics=(warning(),)))
    assert text.startswith(f"{MARKER}\nNo changes. ")
    assert "#### Look at these first" in text


def test_notes_that_do_not_fit_are_counted() -> None:
    notes = tuple(Diagnostic(severity=Severity.NOTE, code="n", summary=f"note {at} " + "x" * 90) for at in range(1_000))
    text = plan_markdown(Plan(as_of=NOW, base=REVISION, diagnostics=notes))
    assert len(text) <= LIMIT
    assert f"{1_000 - text.count('- note ')} more notes did not fit into this comment." in text
