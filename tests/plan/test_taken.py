from __future__ import annotations

import pytest

from octops.model.history import History, OpenRun
from octops.model.project import Budget, ModelAlias, Price, Project, Settings
from octops.model.task import TaskStatus
from tests.plan.kit import at, head, open_run, plan_of, project, task

NOW = "2026-02-02T23:30+00:00"
ENDED = "2026-02-02T23:29:59+00:00"


def planned(*runs: OpenRun, declared: Project | None = None, spent: float = 0) -> list[tuple[str, str, str]]:
    known = project(task())
    heads = {one.id: head(one, known, "2026-02-01T00:00+00:00", settled_until=at(NOW)) for one in known.tasks.values()}
    plan = plan_of(declared or known, NOW, History(heads=heads, open_runs=runs, spent_day_usd=spent))
    return [(run.id, run.action.value, run.reason) for run in plan.runs]


SLOT = "2026-02-02T23:00+00:00"
ID = "digest@20260202T230000Z"


@pytest.mark.parametrize(
    ("phase", "reason"),
    [("claimed", "lease_expired"), ("answered", "open_delivery"), ("delivering", "open_delivery")],
)
def test_a_run_whose_runner_is_gone_is_resumed(phase: str, reason: str) -> None:
    assert planned(open_run(SLOT, phase=phase, lease_until=ENDED)) == [(ID, "resume", reason)]


@pytest.mark.parametrize("phase", ["claimed", "answered", "delivering"])
def test_a_run_is_left_to_its_runner_until_the_lease_has_ended(phase: str) -> None:
    assert planned(open_run(SLOT, phase=phase, lease_until=NOW)) == []


def test_a_named_run_keeps_its_name() -> None:
    assert planned(open_run(name="by-hand", lease_until=ENDED)) == [("digest@by-hand", "resume", "lease_expired")]


PAUSED = project(task(status=TaskStatus.PAUSED))
DELETED = project()
MOVED = project(task("report"), settings=Settings(moved={task().id: task("report").id}))


@pytest.mark.parametrize(("declared", "reason"), [(PAUSED, "paused"), (DELETED, "deleted"), (MOVED, "moved")])
def test_a_lost_run_of_a_task_that_is_gone_asks_no_model(declared: Project, reason: str) -> None:
    assert planned(open_run(SLOT, lease_until=ENDED), declared=declared) == [(ID, "skip", reason)]


@pytest.mark.parametrize("declared", [PAUSED, DELETED, MOVED])
def test_a_stored_answer_is_delivered_whatever_became_of_the_task(declared: Project) -> None:
    answered = open_run(SLOT, phase="answered", lease_until=ENDED)
    assert planned(answered, declared=declared) == [(ID, "resume", "open_delivery")]


def priced(usd: float) -> Project:
    models = {"m": ModelAlias(model="some/model", price=Price(input_per_million=usd, output_per_million=usd))}
    return project(task(model="m"), settings=Settings(models=models, budget=Budget(day_usd=1)))


def test_an_empty_purse_holds_back_a_lost_run_but_no_delivery() -> None:
    runs = [open_run(SLOT, lease_until=ENDED), open_run(name="n", phase="answered", lease_until=ENDED)]
    assert planned(*runs, declared=priced(1), spent=1) == [
        ("digest@n", "resume", "open_delivery"),
        (ID, "blocked", "budget"),
    ]


def test_what_is_free_is_not_held_back() -> None:
    assert planned(open_run(SLOT, lease_until=ENDED), declared=priced(0), spent=1) == [(ID, "resume", "lease_expired")]


def test_a_resumed_run_touches_what_the_task_can_touch_and_a_delivery_costs_nothing() -> None:
    known = project(task())
    runs = (open_run(SLOT, lease_until=ENDED), open_run(name="n", phase="answered", lease_until=ENDED))
    plan = plan_of(known, NOW, History(open_runs=runs))
    assert [(run.effects.models, run.estimate is None) for run in plan.runs] == [
        (("local/tiny",), True),
        (("local/tiny",), False),
    ]
