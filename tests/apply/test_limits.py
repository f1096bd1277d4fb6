"""What a person can ask of one apply: how many at once, how much money, how late."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.apply.world import MORNING, NOW, World, slot, world
from tests.modelserver import Drip, Say

NAMES = ("one", "two", "three")
SECONDS = 0.3
"""How long a model of these tests takes, at least."""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    files = {f"tasks/{name}.yaml": f"prompt: Say {name}.\nschedule: {MORNING}\n" for name in NAMES}
    with world(tmp_path, files) as made:
        # An answer has more than 300 bytes.
        made.models.acts["default"] = [Drip(every=SECONDS / 300, say=Say(text="ok"))]
        yield made


def test_one_at_a_time_means_that_each_waits_for_the_one_before(made: World) -> None:
    assert made.apply("--parallelism", "1").code == 0
    times = [asked.at for asked in made.server.journal]
    assert all(later - earlier > SECONDS for earlier, later in pairwise(times))


def test_without_that_runs_go_on_at_the_same_time(made: World) -> None:
    assert made.apply().code == 0
    times = [asked.at for asked in made.server.journal]
    assert max(times) - min(times) < SECONDS * len(NAMES)


def test_what_may_not_cost_anything_is_not_asked_and_says_why(made: World) -> None:
    outcome = made.apply("--max-cost", "0")
    assert (outcome.code, made.server.journal) == (3, [])
    failure = made.record(slot("one"))["failure"]
    assert failure["kind"] == "budget"
    assert "--max-cost of $0.00" in failure["message"]


def test_money_that_reaches_for_one_run_is_not_spent_twice_and_the_others_are_due_next_time(made: World) -> None:
    made.models.acts["default"] = [Say(text="ok", input_tokens=10, output_tokens=60)]
    outcome = made.apply("--max-cost", "0.00019", "--parallelism", "1")
    (record,) = made.records().values()
    assert (outcome.code, record["status"], record["usage"]["cost_usd"]) == (0, "completed", 0.00013)
    assert outcome.out.count("was not started: it is due next time") == 2
    assert "given back: the --max-cost of $0.00019 leaves $0.00006, and the next model call needs" in outcome.err
    assert made.open_claims() == []

    again = made.apply(now="2026-03-02T09:00Z")
    assert (again.code, {record["status"] for record in made.records().values()}) == (0, {"completed"})
    assert sorted(made.records()) == sorted(slot(name) for name in NAMES)


def test_money_that_runs_going_on_may_still_need_is_waited_for_by_the_next_apply(made: World) -> None:
    outcome = made.apply("--max-cost", "0.00019", "--parallelism", "3")
    assert (outcome.code, {record["status"] for record in made.records().values()}) == (0, {"completed"})
    assert made.apply(now="2026-03-02T09:00Z").code == 0
    assert sorted(made.records()) == sorted(slot(name) for name in NAMES)


def test_a_person_who_asks_for_a_run_is_told_at_once_that_there_is_no_money_for_it(made: World) -> None:
    """Nobody would come back to it."""
    settings = made.settings(more="budget: {day_usd: 0.00019}\n")
    made.commit({"octops.yaml": settings})
    made.models.acts["default"] = [Say(text="ok", input_tokens=10, output_tokens=60)]
    assert made.octops("run", "one", "--name", "first", "--now", NOW).code == 0
    second = made.octops("run", "one", "--name", "second", "--now", NOW)
    assert (second.code, made.record("one@second")["failure"]["kind"]) == (3, "budget")


def test_no_run_is_started_after_the_deadline_and_it_is_due_next_time(made: World) -> None:
    late = made.apply("--deadline", "0s")
    assert (late.code, made.server.journal, made.open_claims(), made.records()) == (0, [], [], {})
    assert all(f"{slot(name)} was not started: it is due next time" in late.out for name in NAMES)
    assert made.apply(now="2026-03-02T09:00Z").code == 0
    assert sorted(made.records()) == sorted(slot(name) for name in NAMES)


def test_only_the_chosen_task_runs(made: World) -> None:
    assert made.apply("--task", "two").code == 0
    assert (list(made.records()), list(made.heads())) == ([slot("two")], ["two"])
