"""A ledger with a past, written into a real project through the transitions `apply` uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from octops.ledger.claims import Take
from octops.ledger.definitions import Define
from octops.ledger.documents import Claim
from octops.ledger.ledger import Ledger
from octops.ledger.outcome import Transition
from octops.ledger.results import Finish, Skip
from octops.model.history import Definition
from octops.model.ids import DestinationId, RunId, TaskId, run_id
from octops.model.run import (
    Delivery,
    DeliveryStatus,
    ErrorKind,
    Failure,
    Message,
    Provenance,
    Record,
    Reply,
    RunStatus,
    ToolCall,
    ToolResult,
    ToolUse,
    Turn,
    Usage,
)
from octops.repository import Repository
from tests.kit import GitProject, clean_environment

NOW = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)
"""Just after the daily digest's slot of 2026-03-02 (18:00 in Berlin is 17:00Z)."""
LEASE = timedelta(minutes=15)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ledger_of(project: GitProject | Path, now: datetime = NOW) -> Ledger:
    root = project.root if isinstance(project, GitProject) else project
    repository = Repository.open(root, environ=clean_environment(root.parent / "home"))
    assert repository is not None
    return Ledger(branch=repository.branch("octops/runs"), clock=lambda: now)


def record(slot_or_name: str = "2026-03-02T17:00", *, task: str = "daily-digest", **changes: object) -> Record:
    """A completed run; a text that is no instant is a name."""
    named = not slot_or_name[:1].isdigit()
    slot = None if named else at(slot_or_name)
    started = (slot or at("2026-03-02T12:00")) + timedelta(seconds=251)
    known: dict[str, object] = {
        "run": run_id(task, slot or slot_or_name),
        "task": TaskId(task),
        "scheduled_at": slot,
        "name": slot_or_name if named else "",
        "trigger": "manual" if named else "schedule",
        "status": RunStatus.COMPLETED,
        "model_asked": "anthropic/claude-sonnet-4-5",
        "model_answered": "claude-sonnet-4-5-20250929",
        "started_at": started,
        "finished_at": started + timedelta(seconds=20),
        "lateness_seconds": 0 if named else 251,
        "usage": Usage(input_tokens=1840, output_tokens=312, cost_usd=0.0102),
        "text": "Three changes were **merged**.",
    }
    return Record(**{**known, **changes})  # type: ignore[arg-type]


def failed(slot_or_name: str, *, task: str = "daily-digest", **changes: object) -> Record:
    failure = Failure(
        kind=ErrorKind.TIMEOUT,
        message="the model did not answer within 60 seconds",
        hint="raise `limits.seconds`, or choose a faster model",
    )
    known: dict[str, object] = {"status": RunStatus.FAILED, "failure": failure, "text": "", **changes}
    return record(slot_or_name, task=task, **known)


def skipped(slot: str, *, task: str = "daily-digest", **changes: object) -> Record:
    nothing: dict[str, object] = {
        "status": RunStatus.SKIPPED,
        "reason": "superseded",
        "covers": (at(slot),),
        "model_asked": "",
        "model_answered": "",
        "started_at": None,
        "usage": Usage(),
        "text": "",
    }
    return record(slot, task=task, **{**nothing, **changes})


def delivery(status: DeliveryStatus = DeliveryStatus.DELIVERED, **changes: object) -> Delivery:
    known: dict[str, object] = {
        "id": "dlv_1",
        "destination": DestinationId("team"),
        "recipient": "https://hooks.example.com/team",
        "status": status,
        "attempts": 1,
        "updated_at": at("2026-03-02T17:04:40"),
    }
    return Delivery(**{**known, **changes})  # type: ignore[arg-type]


def talk() -> Record:
    """A run with a conversation: a prompt, a tool call, an answer, a delivery."""
    call = ToolCall(id="c1", name="changelog__read_file", arguments={"path": "CHANGELOG.md"})
    used = ToolUse(call=call, result=ToolResult(text="# Changelog\n- merged"), seconds=0.5)
    turns = (
        Turn(
            reply=Reply(text="Let me look.", tool_calls=(call,), stop_reason="tool_calls", model="sonnet"),
            uses=(used,),
            seconds=2.0,
        ),
        Turn(reply=Reply(text="Three changes were **merged**.", model="sonnet"), seconds=3.0),
    )
    return record(
        messages=(
            Message(role="system", text="Write short sentences.\n"),
            Message(role="user", text="Compile the key updates of 2026-03-02."),
        ),
        turns=turns,
        deliveries=(delivery(proof="202 accepted"),),
        provenance=Provenance(
            revision="9f2c1e0d5b7a4c3f8e6d1a2b3c4d5e6f70819203",
            skill_hashes={"writing-style": "e3b0c442" * 8},
            octops="0.1.0",
            runner="ci",
        ),
    )


def claim(run: str, *, slot: str = "", claimed_at: datetime = NOW, lease: timedelta = LEASE) -> Claim:
    task, _, tail = run.partition("@")
    return Claim(
        run=RunId(run),
        task=TaskId(task),
        scheduled_at=at(slot) if slot else None,
        name="" if slot else tail,
        nonce=f"nonce-of-{run}",
        runner="runner-7",
        claimed_at=claimed_at,
        lease_until=claimed_at + lease,
    )


def requested(run: str, *, at: datetime = NOW) -> Claim:
    """As `octops run --no-wait` leaves it."""
    asked = claim(run, claimed_at=at, lease=-timedelta(seconds=1))
    return replace(asked, attempt=0, requested=True, trigger="manual")


def apply_tasks(ledger: Ledger, tasks: Iterable[str], activated_at: datetime = NOW) -> None:
    """Give each task a head, as if some definition had been applied."""
    definition = Definition(hash="x", facets={})
    ledger.write([Define(task=TaskId(task), definition=definition, activated_at=activated_at) for task in tasks])


def write_records(ledger: Ledger, records: Sequence[Record]) -> None:
    """Claim and finish each run, or skip it."""
    transitions: list[Transition] = []
    for it in records:
        if it.status is RunStatus.SKIPPED:
            transitions.append(Skip(record=it))
            continue
        begun = it.started_at or it.finished_at
        taken = replace(claim(it.run, claimed_at=begun), scheduled_at=it.scheduled_at, name=it.name)
        transitions += [Take(claim=taken), Finish(run=it.run, nonce=taken.nonce, record=it)]
    refused = [outcome.refusal for outcome in ledger.write(transitions) if not outcome.accepted]
    assert refused == []
