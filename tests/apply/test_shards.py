"""`octops apply --shard`: its own share, then what the others have not taken."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from octops.plan.shards import Shard
from tests.apply.world import MORNING, Asked, World, slot, world
from tests.modelserver import Fault, Say

FIRST, SECOND = Shard(number=1, of=2), Shard(number=2, of=2)
AFTER_FOUR_MORNINGS = "2026-03-05T08:47Z"


def named(shard: Shard, count: int = 3) -> list[str]:
    """Tasks of one share, in the order of a plan."""
    held = (name for number in itertools.count() if shard.holds(name := f"task-{number:02}"))
    return list(itertools.islice(held, count))


OWN, OTHERS = named(FIRST), named(SECOND)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    files = {f"tasks/{name}.yaml": f"prompt: Do {name}.\nschedule: {MORNING}\n" for name in (*OWN, *OTHERS)}
    with world(tmp_path, files, remote=True) as made:
        yield made


def done(made: World) -> list[str]:
    return sorted(run.partition("@")[0] for run in made.records())


def asked_for(made: World) -> list[str]:
    """The tasks in the order in which the model was asked."""
    return [task_of(asked) for asked in made.server.journal]


def task_of(asked: Asked) -> str:
    text = str(asked.body["messages"])
    return next(name for name in (*OWN, *OTHERS) if f"Do {name}." in text)


def test_its_own_runs_come_first_and_those_of_others_last_to_first(made: World) -> None:
    outcome = made.apply("--shard", "1/2", "--parallelism", "1")
    assert outcome.code == 0, outcome.err
    assert "Shard 1/2: 3 of 6 runs first, then what the other shards have not taken." in outcome.out
    assert asked_for(made) == [*OWN, *reversed(OTHERS)]
    assert "Definitions: 6 added" in outcome.out
    assert "Runs: 6 completed" in outcome.out


def test_the_record_names_the_shard(made: World) -> None:
    made.apply("--shard", "1/2")
    runners = {record["provenance"]["runner"].rpartition(" ")[2] for record in made.records().values()}
    assert runners == {"1/2"}


def test_the_shard_after_it_finds_nothing_left(made: World) -> None:
    made.apply("--shard", "1/2")
    outcome = made.apply("--shard", "2/2")
    assert (outcome.code, len(made.server.journal)) == (0, 6)
    assert "Definitions: 0 added" in outcome.out


def test_a_shard_without_runs_of_its_own_helps(made: World) -> None:
    outcome = made.apply("--shard", "1/2", "--task", OTHERS[0])
    assert (outcome.code, done(made)) == (0, [OTHERS[0]])
    assert "Shard 1/2: 0 of 1 run first" in outcome.out


def test_others_runs_are_taken_only_where_their_estimate_fits_into_what_is_left(made: World) -> None:
    """An answer is taken to have 800 tokens, at 2 dollars a million: 0.0016 a run; what it costs here is 0.00002."""
    outcome = made.apply("--shard", "1/2", "--max-cost", "0.001", "--parallelism", "1")
    assert (outcome.code, done(made)) == (0, sorted(OWN))
    again = made.apply("--shard", "1/2", "--max-cost", "0.002")
    assert (again.code, done(made)) == (0, sorted([*OWN, *OTHERS]))


def test_a_shard_on_which_everything_fails_leaves_the_others_theirs(made: World) -> None:
    made.models.acts["default"] = [Fault(status=400, body="no")]
    outcome = made.apply("--shard", "1/2")
    assert (outcome.code, done(made), made.open_claims()) == (3, sorted(OWN), [])
    assert {record["status"] for record in made.records().values()} == {"failed"}


def test_one_failure_keeps_nobody_from_helping(made: World) -> None:
    made.models.acts["default"] = lambda asked: (
        Fault(status=400, body="no") if task_of(asked) == OWN[0] else Say(text="ok")
    )
    outcome = made.apply("--shard", "1/2")
    assert (outcome.code, done(made)) == (3, sorted([*OWN, *OTHERS]))


def test_after_the_deadline_nothing_of_the_others_is_taken_or_told(made: World) -> None:
    outcome = made.apply("--shard", "1/2", "--deadline", "0s")
    assert (outcome.code, made.server.journal, made.open_claims()) == (0, [], [])
    assert all(f"{slot(name)} was not started" in outcome.out for name in OWN)
    assert not any(f"{slot(name)} was not started" in outcome.out for name in OTHERS)


def test_what_will_not_run_is_said_by_the_shard_that_holds_the_task(tmp_path: Path) -> None:
    """A skip may rest on a run that only looks idle to somebody who came late."""
    name = OTHERS[0]
    with world(tmp_path, {f"tasks/{name}.yaml": f"prompt: Do {name}.\nschedule: {MORNING}\n"}, remote=True) as made:
        made.apply("--shard", "1/2", now=AFTER_FOUR_MORNINGS)
        assert [record["status"] for record in made.records().values()] == ["completed"]
        made.apply("--shard", "2/2", now=AFTER_FOUR_MORNINGS)
        assert sorted(record["status"] for record in made.records().values()) == ["completed", "skipped"]


def test_without_runs_the_definitions_are_noted_by_whoever_comes(made: World) -> None:
    outcome = made.apply("--shard", "2/2", "--only", "definitions")
    assert (outcome.code, made.server.journal) == (0, [])
    assert sorted(made.heads()) == sorted([*OWN, *OTHERS])
