from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from octops.model.ids import TaskId
from octops.model.plan import Change, ChangeAction, Plan, PlannedRun, RunAction
from octops.plan.shards import Shard, shards

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def all_of(count: int) -> list[Shard]:
    return [Shard(number=number, of=count) for number in range(1, count + 1)]


def runs(*tasks: str, action: RunAction = RunAction.RUN) -> tuple[PlannedRun, ...]:
    return tuple(
        PlannedRun(task=TaskId(task), scheduled_at=NOW + timedelta(minutes=number), action=action, reason="due")
        for number, task in enumerate(tasks)
    )


def changed(action: ChangeAction) -> tuple[Change, ...]:
    return (Change(task=TaskId("digest"), action=action),)


def test_every_task_belongs_to_exactly_one_shard_however_many_there_are() -> None:
    names = random.Random(7)
    for count in (1, 2, 3, 4, 7, 64, 256):
        for _ in range(200):
            task = "".join(names.choices("abcdefghij0123456789-", k=names.randint(1, 64)))
            assert sum(shard.holds(task) for shard in all_of(count)) == 1


@pytest.mark.parametrize(
    ("task", "of_2", "of_4", "of_7"),
    [("daily-digest", "1/2", "3/4", "7/7"), ("weekly-report", "2/2", "2/4", "4/7"), ("a", "1/2", "3/4", "5/7")],
)
def test_a_task_belongs_to_the_same_shard_on_every_machine_and_in_every_version(
    task: str, of_2: str, of_4: str, of_7: str
) -> None:
    holders = [str(shard) for count in (2, 4, 7) for shard in all_of(count) if shard.holds(task)]
    assert holders == [of_2, of_4, of_7]


def test_the_shares_of_many_tasks_are_about_equal() -> None:
    held = Counter(str(shard) for shard in all_of(4) for number in range(2000) if shard.holds(f"task-{number}"))
    assert len(held) == 4
    assert all(450 < count < 550 for count in held.values())


def test_each_shard_comes_at_its_own_distance_before_the_one_that_holds_a_task() -> None:
    (holder,) = (shard for shard in all_of(4) if shard.holds("digest"))
    distances = {(holder.number - 1 - shard.number + 1) % 4: shard.ahead("digest") for shard in all_of(4)}
    assert distances == {0: 0, 1: 1, 2: 2, 3: 3}


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        (Plan(as_of=NOW), 0),
        (Plan(as_of=NOW, runs=runs("a", "b", "c")), 3),
        (Plan(as_of=NOW, runs=runs("a", "b", "c", "d", "e", "f")), 4),
        (Plan(as_of=NOW, runs=runs("a", "a", "a", "b")), 2),
        (Plan(as_of=NOW, runs=(*runs("a"), *runs("b", action=RunAction.RESUME))), 2),
        (Plan(as_of=NOW, runs=runs("a", "b", action=RunAction.BLOCKED)), 0),
        (Plan(as_of=NOW, runs=runs("a", "b", action=RunAction.SKIP)), 1),
        (Plan(as_of=NOW, changes=changed(ChangeAction.CREATE)), 1),
        (Plan(as_of=NOW, changes=changed(ChangeAction.DELETE)), 0),
        (Plan(as_of=NOW, changes=changed(ChangeAction.UPDATE), runs=runs("a", "b")), 2),
    ],
    ids=[
        "nothing",
        "three tasks",
        "more tasks than shards",
        "runs of one task are in order",
        "what is taken up is work",
        "what is blocked is none",
        "skips are noted by one",
        "a definition is noted by one",
        "a deleted task waits",
        "definitions go with the runs",
    ],
)
def test_there_are_only_as_many_shards_as_there_is_work(plan: Plan, wanted: int) -> None:
    assert [str(shard) for shard in shards(plan, 4)] == [f"{number}/{wanted}" for number in range(1, wanted + 1)]
