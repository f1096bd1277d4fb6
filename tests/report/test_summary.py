from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from octops.model.ids import TaskId
from octops.model.plan import Change, ChangeAction, Plan, PlannedRun, RunAction
from octops.report.summary import cost_line, plan_line, runs_line, zones
from tests.report.samples import ESTIMATE, NOW, compared, create, definition, delete, plan, run, update


def test_changes_are_counted_in_terraforms_words() -> None:
    assert plan_line(plan()) == "Plan: 1 to add, 1 to change, 1 to destroy."


def test_moved_tasks_are_counted_first() -> None:
    moved = replace(update(), action=ChangeAction.NO_OP, moved_from=TaskId("report"))
    assert plan_line(Plan(as_of=NOW, changes=(moved,))) == "Plan: 1 to move, 0 to add, 0 to change, 0 to destroy."


@pytest.mark.parametrize("changes", [(), (replace(update(), action=ChangeAction.NO_OP),)])
def test_nothing_to_do_is_no_changes(changes: tuple[Change, ...]) -> None:
    assert plan_line(Plan(as_of=NOW, changes=changes)) == "No changes."


def test_runs_are_counted_by_what_is_done_about_them() -> None:
    assert runs_line(plan()) == "Runs: 2 due (1 late), 4 missed, 1 blocked."


@pytest.mark.parametrize(
    ("runs", "line"),
    [
        ((run(),), "Runs: 1 due, 0 missed, 0 blocked."),
        ((run(reason="late"), run(reason="catch_up")), "Runs: 2 due (2 late), 0 missed, 0 blocked."),
        ((run(action=RunAction.RESUME, reason="lease_expired"),), "Runs: 1 due, 0 missed, 0 blocked."),
        ((run(action=RunAction.BLOCKED, reason="late"),), "Runs: 0 due, 0 missed, 1 blocked."),
        ((run(action=RunAction.SKIP, reason="grace"),), "Runs: 0 due, 1 missed, 0 blocked."),
        ((run(action=RunAction.SKIP, covers=(NOW, NOW + timedelta(1))),), "Runs: 0 due, 3 missed, 0 blocked."),
        ((), ""),
    ],
)
def test_each_run_counts_where_it_belongs(runs: tuple[PlannedRun, ...], line: str) -> None:
    assert runs_line(Plan(as_of=NOW, runs=runs)) == line


def test_two_commits_have_no_runs() -> None:
    assert runs_line(replace(plan(), base="abc")) == ""


def test_costs_are_added_up_and_unknown_ones_are_said() -> None:
    assert cost_line(plan()) == (
        "Estimated: $0.011 and 1 unknown price for these runs, $12.83 a month for the changed tasks (before: $3.00)."
    )


def test_costs_of_two_commits_are_those_of_the_month() -> None:
    assert cost_line(compared()) == "Estimated: $12.83 a month for the changed tasks (before: $3.00)."


def test_a_price_nobody_knows_is_not_zero() -> None:
    change = replace(create(), estimate=replace(ESTIMATE, month_usd=None))
    assert cost_line(Plan(as_of=NOW, changes=(change,))) == "Estimated: an unknown price a month for the changed tasks."


def test_without_estimates_no_cost_is_named() -> None:
    assert cost_line(Plan(as_of=NOW, changes=(replace(delete(), estimate_before=None),))) == ""


def test_the_zone_of_a_task_comes_from_its_slots_or_its_definition() -> None:
    assert zones(plan()) == {
        "daily-digest": "Europe/Berlin",
        "old-report": "UTC",
        "once-only": "UTC",
        "weekly-report": "Asia/Tokyo",
    }


@pytest.mark.parametrize("zone", ["../../etc/passwd", "", 7, None, "Mars/Olympus"])
def test_a_zone_in_the_ledger_that_is_none_is_utc(zone: str | int | None) -> None:
    change = replace(delete(), before=definition(timezone=zone))
    assert zones(Plan(as_of=NOW, changes=(change,))) == {"old-report": "UTC"}
