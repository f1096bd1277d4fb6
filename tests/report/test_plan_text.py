from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta

from octops.model.ids import TaskId
from octops.model.plan import ChangeAction, Effects, Plan, Upcoming
from octops.report.plan_text import plan_text
from tests.golden import check_golden
from tests.report.samples import NOW, compared, create, large_plan, plan, run


def test_a_plan_against_the_ledger() -> None:
    check_golden("report/plan.txt", plan_text(plan()))


def test_a_plan_in_colour() -> None:
    check_golden("report/plan-color.txt", plan_text(plan(), color=True))


def test_colours_are_all_that_colour_adds() -> None:
    assert re.sub(r"\x1b\[[0-9;]*m", "", plan_text(plan(), color=True)) == plan_text(plan())


def test_a_plan_between_two_commits_says_nothing_of_runs() -> None:
    text = plan_text(compared())
    check_golden("report/plan-base.txt", text)
    assert "Runs:" not in text


def test_new_effects_stand_before_everything_else_and_are_marked() -> None:
    lines = plan_text(plan()).splitlines()
    assert "    ! recipient team: https://hooks.example.com/team" in lines
    assert next(at for at, line in enumerate(lines) if "!" in line) < lines.index("octops will make these changes:")


def test_nothing_to_do_is_no_changes() -> None:
    text = plan_text(Plan(as_of=NOW, revision="abc", ledger="def", unchanged=1))
    assert text.endswith("\n\nNo changes. 1 task is the same as last applied.\n")


def test_no_change_between_two_commits() -> None:
    text = plan_text(Plan(as_of=NOW, revision="abc", base="def", unchanged=3))
    assert text.endswith("No changes. 3 tasks are the same at both commits.\n")


def test_due_runs_are_shown_without_changes_too() -> None:
    text = plan_text(Plan(as_of=NOW, runs=(run(),)))
    assert "No changes." in text
    assert text.endswith("Runs: 1 due, 0 missed, 0 blocked.\n")


def test_a_plan_of_no_repository_says_so() -> None:
    assert plan_text(Plan(as_of=NOW)).startswith(
        "octops compared files outside any commit with an empty ledger, at 2026-03-02 08:47 UTC."
    )


def test_of_many_tasks_only_those_that_come_soonest_are_listed() -> None:
    many = [
        Upcoming(task=TaskId(f"t-{number:03}"), timezone="UTC", slots=(NOW + timedelta(minutes=number),))
        for number in range(300, 0, -1)
    ]
    lines = plan_text(Plan(as_of=NOW, upcoming=tuple(many), unchanged=300)).splitlines()
    start = lines.index("Next slots:")
    assert [line.split()[0] for line in lines[start + 1 : start + 21]] == [f"t-{number:03}" for number in range(1, 21)]
    assert lines[start + 21] == "  and later 280 more tasks: `octops slots` lists them all"


def test_the_same_plan_gives_the_same_text() -> None:
    assert plan_text(plan()) == plan_text(plan())


def test_ten_thousand_changes_are_all_listed_in_seconds() -> None:
    large = large_plan()
    started = time.process_time()
    text = plan_text(large)
    assert text.count(" will be updated in-place") == 10_000
    assert time.process_time() - started < 15


def test_a_text_shared_by_many_tasks_is_shown_once() -> None:
    shared = Plan(as_of=NOW, changes=tuple(replace(create(f"t{number}")) for number in range(50)))
    assert plan_text(shared).count("+Compile the updates.") == 1


def test_a_definition_that_stays_is_not_shown() -> None:
    stays = replace(create("stays"), action=ChangeAction.NO_OP, new_effects=Effects())
    assert "stays" not in plan_text(Plan(as_of=NOW, changes=(stays, create("comes"))))
