"""Claims hold in real time: no `--now` gives, keeps or ends one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from octops.ledger.claims import Take
from octops.ledger.ledger import Ledger
from octops.model.ids import RunId
from octops.repository.checkout import Repository
from tests.apply.world import MORNING, NOW, Asked, World, slot, world
from tests.ledger.kit import claim
from tests.modelserver import Say

RUN = RunId(slot("digest"))
SLOT = datetime(2026, 3, 2, 8, tzinfo=UTC)
FAR = "2031-03-02T08:47Z"
"""Years after any lease of a test ends."""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, {"tasks/digest.yaml": f"prompt: Tell the news.\nschedule: {MORNING}\n"}) as made:
        assert made.apply("--only", "definitions", now="2026-03-01T13:00Z").code == 0
        yield made


def held(made: World, *, until: datetime) -> None:
    """Another runner has the run of the morning."""
    theirs = replace(claim("n1", run=RUN, slot=SLOT, runner="another machine"), lease_until=until)
    repository = Repository.open(made.project.root)
    assert repository is not None
    assert Ledger(branch=repository.branch("octops/runs")).write([Take(claim=theirs)])[0].accepted


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=30)


@pytest.mark.parametrize("now", [NOW, FAR], ids=["in the past", "in the future"])
def test_a_live_claim_is_left_to_its_runner_whatever_the_time_is_said_to_be(made: World, now: str) -> None:
    held(made, until=soon())
    planned = made.octops("plan", "--now", now, "--task", "digest")
    outcome = made.apply(now=now)
    assert (outcome.code, RUN in made.records()) == (0, False), outcome.err
    assert f"open/digest--{SLOT:%Y%m%dT%H%M%SZ}.json" in made.open_claims()
    assert "resume" not in planned.out


@pytest.mark.parametrize("now", [NOW, FAR], ids=["in the past", "in the future"])
def test_a_claim_whose_lease_has_ended_in_real_time_is_taken_up_whatever_the_time_is_said_to_be(
    made: World, now: str
) -> None:
    held(made, until=datetime.now(UTC) - timedelta(seconds=5))
    assert "resume" in made.octops("plan", "--now", now).out
    assert made.apply(now=now).code == 0
    assert made.record(RUN)["attempt"] == 2


@pytest.mark.parametrize("now", [NOW, FAR], ids=["in the past", "in the future"])
def test_a_claim_is_given_for_as_long_as_the_run_may_really_take(made: World, now: str) -> None:
    claims: list[dict[str, str]] = []

    def answer(asked: Asked) -> Say:
        claims.extend(json.loads(made.ledger_text(path)) for path in made.open_claims())
        return Say(text="ok")

    made.models.acts["default"] = answer
    began = datetime.now(UTC)
    assert made.apply(now=now).code == 0
    until = datetime.fromisoformat(claims[0]["lease_until"])
    assert timedelta(minutes=10) < until - began < timedelta(minutes=20)


def test_an_apply_at_a_time_to_come_stands_in_nobodys_way(made: World) -> None:
    assert made.apply(now=FAR).code == 0
    outcome = made.octops("apply", "--auto-approve")
    assert outcome.code == 0, outcome.err
    assert "clock-behind" not in outcome.err


def test_a_machine_whose_clock_is_behind_the_ledgers_is_refused_before_anything_is_spent(made: World) -> None:
    made.ledger_from_the_future()
    for arguments in (("apply", "--auto-approve", "--now", "2099-06-01"), ("run", "digest", "--name", "x")):
        outcome = made.octops(*arguments)
        assert (outcome.code, "error[clock-behind]" in outcome.err) == (1, True), outcome.err
        assert "NTP" in outcome.err
    assert made.server.journal == []


def test_what_a_saved_plan_takes_up_is_what_was_reviewed(made: World) -> None:
    """A lease that ended after the plan was made is no news to it; one that was renewed makes it stale."""
    held(made, until=datetime.now(UTC) - timedelta(seconds=5))
    made.octops("plan", "-o", "plan.json")
    path = made.project.root / "plan.json"
    document = json.loads(path.read_text())
    taken = [run["address"] for run in document["run_changes"] if run["actions"] == ["resume"]]
    assert taken == [f"run.{RUN}"]
    assert made.octops("apply", "plan.json").code == 0
    assert made.record(RUN)["attempt"] == 2


def test_a_saved_plan_whose_run_somebody_took_up_since_is_stale(made: World) -> None:
    held(made, until=datetime.now(UTC) - timedelta(seconds=5))
    made.octops("plan", "-o", "plan.json")
    path = f"open/digest--{SLOT:%Y%m%dT%H%M%SZ}.json"
    claim = json.loads(made.ledger_text(path))
    claim["lease_until"] = soon().isoformat()
    made.rewrite(path, json.dumps(claim).encode())
    outcome = made.octops("apply", "plan.json")
    assert (outcome.code, "Saved plan is stale" in outcome.err, RUN in made.records()) == (1, True, False)
