"""What becomes of answers: checked, delivered, suppressed, lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apply.week import Week
from tests.apply.world import slot


def deliveries(applied: Week, task: str, day: int = 2) -> dict[str, dict[str, Any]]:
    return {it["destination"]: it for it in applied.made.record(slot(task, day))["deliveries"]}


def test_an_answer_of_the_wrong_shape_is_repaired_in_one_more_turn(applied: Week) -> None:
    record = applied.made.record(slot("repaired"))
    assert (record["status"], record["data"], len(record["turns"])) == ("completed", {"topic": "tea"}, 2)
    repair = str(applied.made.asked("repaired")[1].body["messages"][-1]["content"])
    assert "does not keep the output schema" in repair


def test_structured_output_reaches_a_webhook_as_data(applied: Week) -> None:
    (event,) = applied.made.hook.events("json")
    assert (event["event"], event["run"]["data"]) == ("task.completed", {"topic": "tea"})


def test_an_answer_that_stays_wrong_is_invalid_output_and_is_kept(applied: Week) -> None:
    record = applied.made.record(slot("unrepaired"))
    assert (record["status"], record["failure"]["kind"]) == ("failed", "invalid_output")
    assert (record["text"], len(applied.made.asked("unrepaired"))) == ("Tea, I think.", 2)


def test_a_cut_answer_is_delivered_marked_where_the_task_says_so(applied: Week) -> None:
    record = applied.made.record(slot("cut"))
    assert record["status"] == "completed"
    assert record["text"].startswith("The first half\n\n[cut off here")


def test_the_same_answer_again_is_not_delivered_where_only_changes_are_wanted(applied: Week) -> None:
    assert deliveries(applied, "same")["same"]["status"] == "delivered"
    assert deliveries(applied, "same", day=3)["same"]["status"] == "suppressed"
    assert len(applied.made.hook.events("same")) == 1


def test_another_answer_is_delivered(applied: Week) -> None:
    assert deliveries(applied, "other", day=3)["other"]["status"] == "delivered"
    assert [event["run"]["output"] for event in applied.made.hook.events("other")] == ["One.", "Two."]


def test_a_webhook_hears_of_a_failed_run(applied: Week) -> None:
    (event,) = applied.made.hook.events("fails")
    assert event["event"] == "task.failed"
    assert (event["run"]["status"], event["run"]["error"]["kind"]) == ("failed", "model")


@pytest.mark.parametrize("destination", ["mail", "page"])
def test_a_failed_run_sends_no_mail_and_writes_no_file(applied: Week, destination: str) -> None:
    assert deliveries(applied, "fails")[destination]["status"] == "suppressed"
    assert "pages/fails-2026-03-02.md" not in applied.made.ledger_files()


def test_a_completed_run_is_delivered_to_each_of_its_destinations_with_proof(applied: Week) -> None:
    found = deliveries(applied, "arrives")
    assert {it["status"] for it in found.values()} == {"delivered"}
    assert found["arrives"]["proof"] == "204 No Content"
    assert applied.made.ledger_text("pages/arrives-2026-03-02.md") == "All is well."
    assert applied.made.hook.ids("arrives") == [found["arrives"]["id"]]


def test_a_destination_that_is_gone_does_not_make_the_run_fail(applied: Week) -> None:
    assert applied.made.record(slot("lost"))["status"] == "completed"
    found = deliveries(applied, "lost")
    assert (found["gone"]["status"], found["arrives-too"]["status"]) == ("failed", "delivered")
    assert "404" in found["gone"]["error"]


def test_a_delivery_that_did_not_arrive_is_told_and_makes_exit_code_3(applied: Week) -> None:
    assert (applied.first.code, applied.second.code) == (3, 3)
    assert f"{slot('lost', 3)}: delivery to gone" in applied.second.err
    assert "Runs: 4 completed, 0 failed, 0 skipped. Deliveries not arrived: 1." in applied.second.out


def test_a_delivery_given_up_is_not_tried_again_by_a_later_apply(applied: Week) -> None:
    # Once for each of the two mornings.
    assert len(applied.made.hook.events("gone")) == 2
    assert applied.made.open_claims() == []


def test_a_destination_whose_secret_is_not_set_fails_the_run_before_the_model_is_asked(applied: Week) -> None:
    told = applied.made.record(slot("unset"))["failure"]
    assert told["kind"] == "config"
    assert "destination `secret-url` cannot be used: the environment variable `HOOK_URL` is not set" in told["message"]
    assert "destinations/secret-url.yaml" in told["hint"]
