"""What somebody left half done is finished by the next apply."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octops.destinations.prepared import delivery_id
from octops.ledger.claims import Take
from octops.ledger.documents import Claim
from octops.ledger.ledger import Ledger
from octops.ledger.outcome import Transition
from octops.ledger.results import Store
from octops.model.ids import DestinationId, RunId, TaskId
from octops.model.run import Delivery, Record, RunStatus
from octops.repository.checkout import Repository
from tests.apply.world import MORNING, NOW, World, slot, world
from tests.modelserver import Say

RUN = RunId(slot("digest"))
SLOT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    files = {"tasks/digest.yaml": f"prompt: Tell the news.\nschedule: {MORNING}\ndestinations: [team]\n"}
    with world(tmp_path, files) as made:
        made.commit({"destinations/team.yaml": f"type: webhook\nurl: {made.hook.url('team')}\n"})
        made.models.acts["default"] = [Say(text="Asked again.")]
        assert made.apply("--only", "definitions", now="2026-03-01T13:00Z").code == 0
        yield made


def left_behind(made: World, *, answered: bool) -> str:
    """A runner that died an hour ago; the id of its delivery."""
    claim = Claim(
        run=RUN,
        task=TaskId("digest"),
        scheduled_at=SLOT,
        nonce="n1",
        runner="a machine that is gone",
        claimed_at=SLOT,
        lease_until=SLOT,
    )
    recipient = made.hook.url("team")
    delivery = Delivery(id=delivery_id(RUN, "team", recipient), destination=DestinationId("team"), recipient=recipient)
    record = Record(
        run=RUN,
        task=TaskId("digest"),
        scheduled_at=SLOT,
        status=RunStatus.COMPLETED,
        finished_at=SLOT,
        text="Said before.",
        deliveries=(delivery,),
    )
    steps: list[Transition] = [Take(claim=claim)]
    steps += [Store(run=RUN, nonce="n1", answer=record)] if answered else []
    repository = Repository.open(made.project.root)
    assert repository is not None
    ledger = Ledger(branch=repository.branch("octops/runs", push=False), clock=lambda: SLOT)
    assert all(outcome.accepted for outcome in ledger.write(steps))
    return delivery.id


def test_a_stored_answer_is_delivered_under_its_id_and_the_model_is_not_asked(made: World) -> None:
    delivery = left_behind(made, answered=True)
    outcome = made.apply()
    assert (outcome.code, made.server.journal, made.hook.ids("team")) == (0, [], [delivery]), outcome.err
    assert [event["run"]["output"] for event in made.hook.events("team")] == ["Said before."]
    assert made.record(RUN)["text"] == "Said before."


def test_a_stored_answer_is_delivered_without_any_key(made: World) -> None:
    left_behind(made, answered=True)
    assert made.apply(key="").code == 0
    assert len(made.hook.events("team")) == 1


def test_a_stored_answer_of_a_deleted_task_is_delivered_all_the_same(made: World) -> None:
    left_behind(made, answered=True)
    made.commit({"tasks/other.yaml": "prompt: Other.\ndestinations: [team]\n"})
    (made.project.root / "tasks/digest.yaml").unlink()
    made.project.commit(at="2026-03-01T14:00:00Z")
    outcome = made.apply()
    assert (outcome.code, len(made.hook.events("team"))) == (0, 1), outcome.err


def test_a_run_without_an_answer_is_started_again_as_its_next_attempt(made: World) -> None:
    left_behind(made, answered=False)
    outcome = made.apply()
    record = made.record(RUN)
    assert (outcome.code, record["attempt"], record["trigger"]) == (0, 2, "resume")
    assert (record["text"], len(made.hook.events("team"))) == ("Asked again.", 1)
    assert f"{RUN}: taken up again, attempt 2" in outcome.err


def test_the_plan_says_beforehand_what_is_taken_up(made: World) -> None:
    left_behind(made, answered=False)
    assert "resume" in made.octops("plan", "--now", NOW).out
