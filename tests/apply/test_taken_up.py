"""What somebody left half done is finished by the next apply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octops.destinations.prepared import delivery_id
from octops.ledger.claims import Take
from octops.ledger.ledger import Ledger
from octops.ledger.outcome import Transition
from octops.ledger.results import Store
from octops.model.ids import DestinationId, RunId, TaskId
from octops.model.run import Delivery, Record, RunStatus
from octops.repository.checkout import Repository
from tests.apply.world import MORNING, NOW, World, slot, world
from tests.ledger.kit import claim
from tests.modelserver import Say

ALL_MORNINGS = '{frequency: daily, at: "08:00", catch_up: all}'
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
    theirs = replace(claim("n1", run=RUN, slot=SLOT, runner="a machine that is gone"), lease_until=SLOT)
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
    steps: list[Transition] = [Take(claim=theirs)]
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


@pytest.mark.parametrize("how", ["paused", "deleted"])
def test_a_run_without_an_answer_of_a_task_that_asks_no_more_is_skipped_once(made: World, how: str) -> None:
    left_behind(made, answered=False)
    made.commit({"tasks/other.yaml": "prompt: Other.\n"})
    digest = made.project.root / "tasks/digest.yaml"
    if how == "paused":
        digest.write_text(digest.read_text() + "status: paused\n")
    else:
        digest.unlink()
    made.project.commit(at="2026-03-01T14:00:00Z")
    outcome = made.apply("--prune")
    record = made.record(RUN)
    assert (outcome.code, record["status"], record["reason"]) == (0, "skipped", how), outcome.err
    assert (made.open_claims(), made.server.journal) == ([], [])
    assert "No changes." in made.octops("plan", "--now", NOW).out


def test_a_slot_that_was_answered_before_its_task_was_renamed_is_not_run_again(made: World) -> None:
    delivery = left_behind(made, answered=True)
    (made.project.root / "tasks/digest.yaml").rename(made.project.root / "tasks/news.yaml")
    settings = (made.project.root / "octops.yaml").read_text()
    made.commit({"octops.yaml": settings + "moved: [{from: digest, to: news}]\n"}, at="2026-03-01T13:30:00Z")
    outcomes = [made.apply(), made.apply()]
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes[0].err
    assert (list(made.records()), made.hook.ids("team"), made.server.journal) == ([RUN], [delivery], [])
    assert made.heads()["news"]["settled_until"] == "2026-03-02T08:00:00Z"


def test_an_answer_that_changed_back_within_one_apply_is_delivered(made: World) -> None:
    digest = (made.project.root / "tasks/digest.yaml").read_text().replace(MORNING, ALL_MORNINGS)
    made.commit({"tasks/digest.yaml": digest + "deliver: on_change\n"}, at="2026-03-01T12:30:00Z")
    made.models.acts["default"] = [Say(text=text) for text in ("One.", "Two.", "One.", "One.")]
    assert made.apply(now="2026-03-02T08:01Z").code == 0
    outcome = made.apply(now="2026-03-05T08:01Z")
    assert outcome.code == 0, outcome.err
    assert [event["run"]["output"] for event in made.hook.events("team")] == ["One.", "Two.", "One."]
