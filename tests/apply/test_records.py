"""Records are evidence: complete, of one shape, readable with git alone."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest

from octops import __version__
from octops.schemas import schema
from tests.apply.week import Week
from tests.apply.world import slot

SHA256 = re.compile("[0-9a-f]{64}")


@pytest.fixture
def record(applied: Week) -> dict[str, Any]:
    return applied.made.record(slot("reads"))


def test_every_record_keeps_the_schema(applied: Week) -> None:
    check = jsonschema_rs.Draft202012Validator(schema("run"))
    wrong = {run: [str(error) for error in check.iter_errors(it)] for run, it in applied.made.records().items()}
    assert {run: errors for run, errors in wrong.items() if errors} == {}
    assert len(wrong) == 24


def test_a_record_says_which_words_and_versions_made_the_answer(applied: Week, record: dict[str, Any]) -> None:
    provenance = record["provenance"]
    assert provenance["revision"] == applied.made.project.git("rev-parse", "HEAD")
    assert provenance["dirty"] is False
    for key in ("task_hash", "prompt_hash", "tools_hash"):
        assert SHA256.fullmatch(provenance[key]), key
    assert list(provenance["skill_hashes"]) == ["style"]
    assert (provenance["octops"], bool(provenance["tzdata"]), bool(provenance["runner"])) == (__version__, True, True)


def test_a_record_says_what_was_asked_answered_used_and_when(record: dict[str, Any]) -> None:
    assert (record["model_asked"], record["model_answered"]) == ("openai/reads", "loopback-model")
    assert record["scheduled_at"] == "2026-03-02T08:00:00Z"
    assert record["scheduled_at"] < record["started_at"] <= record["finished_at"]
    assert record["lateness_seconds"] >= 47 * 60
    assert (record["trigger"], record["attempt"], record["format"]) == ("schedule", 1, "markdown")
    assert record["usage"] == {"input_tokens": 20, "output_tokens": 10, "cost_usd": pytest.approx(0.00004)}
    assert [turn["reply"]["usage"]["input_tokens"] for turn in record["turns"]] == [10, 10]


def test_a_record_holds_the_conversation(record: dict[str, Any]) -> None:
    roles = [message["role"] for message in record["messages"]]
    assert roles == ["system", "user"]
    assert "Write short sentences." in record["messages"][0]["text"]
    assert "The tea is ready." in record["turns"][0]["uses"][0]["result"]["text"]


def test_uncommitted_changes_are_told_from_a_revision(applied: Week) -> None:
    assert applied.made.record(slot("adds", day=3))["provenance"]["dirty"] is True


def test_the_answer_can_be_read_beside_the_record(applied: Week) -> None:
    assert "I have read it." in applied.made.ledger_text("runs/2026/03/02/reads--20260302T080000Z.md")


def test_nothing_is_left_open_when_an_apply_has_ended(applied: Week) -> None:
    assert applied.made.open_claims() == []


def test_the_budget_of_an_apply_counts_what_its_runs_have_used(applied: Week) -> None:
    spent = sum(record["usage"]["cost_usd"] for record in applied.made.records().values())
    assert spent == pytest.approx(0.00002 * len(applied.made.server.journal) - 0.00002 * _not_answered(applied))


def _not_answered(applied: Week) -> int:
    """Requests that came to no answer: the one that hangs and the one that is refused."""
    return len(applied.made.asked("fails")) + 1
