from __future__ import annotations

import pytest

from octops.errors import Severity
from octops.model.project import ApplyPlaces, Budget, PreviewPlaces, Records, Settings
from octops.plan.settings import settings_changes


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (Settings(budget=Budget(day_usd=2.5)), "`budget.day_usd` was `not set` and is `2.5`"),
        (Settings(records=Records(branch="x", push=False)), "`records.branch` was `octops/runs` and is `x`"),
        (Settings(records=Records(branch="x", push=False)), "`records.push` was `true` and is `false`"),
        (Settings(apply=ApplyPlaces(branches=("a", "b"))), '`apply.branches` was `not set` and is `["a", "b"]`'),
        (Settings(preview=PreviewPlaces(forks=True)), "`preview.forks` was `false` and is `true`"),
        (Settings(network_allow=("10.0.0.1",)), '`network.allow` was `not set` and is `["10.0.0.1"]`'),
        (Settings(parallelism=64), "`parallelism` was `8` and is `64`"),
    ],
)
def test_what_holds_for_every_task_is_told_with_both_values(after: Settings, said: str) -> None:
    (changed,) = settings_changes(Settings(), after)
    assert changed.severity is Severity.WARNING
    assert changed.summary.startswith("octops.yaml changes what holds for every task: ")
    assert said in changed.summary


@pytest.mark.parametrize(
    "after",
    [
        Settings(),
        Settings(timezone="Europe/Berlin"),
        Settings(variables={"a": "b"}),
        Settings(default_model="x/y"),
        Settings(budget=Budget(run_usd=1)),
    ],
    ids=["nothing", "time zone", "variables", "model", "cost of a run"],
)
def test_what_the_tasks_themselves_show_is_not_told_again(after: Settings) -> None:
    assert settings_changes(Settings(), after) == ()


def test_a_deleted_file_is_told_even_where_it_said_nothing_else() -> None:
    (changed,) = settings_changes(Settings(), Settings(), deleted=True)
    assert changed.summary == "octops.yaml is deleted: for every task octops' own defaults hold"
    assert changed.location is None
