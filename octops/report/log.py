"""What happened in one run, a line for each thing in the order of time, for `octops logs`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from octops.model.run import Record, RunStatus, Turn
from octops.report.diagnostics import diagnostics_json
from octops.report.escape import terminal, workflow_safe_lines
from octops.report.runs import maybe_instant
from octops.report.show import Shown, call_words, turn_words
from octops.report.words import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `at` of turns and tool calls is added up from how long each took."""

    at: datetime | None
    what: str
    """`started`, `turn`, `tool`, `delivery`, `failed`, `completed`, `skipped`, `running` or `pending`."""
    text: str
    """One line, escaped for a terminal."""


def log_json(shown: Shown) -> dict[str, Any]:
    lines = [{"at": maybe_instant(it.at), "what": it.what, "text": it.text} for it in entries(shown)]
    return {"run": shown.record.run, "log": lines, "diagnostics": diagnostics_json(shown.diagnostics)}


def log_text(shown: Shown) -> str:
    """One line for each entry, in UTC."""
    lines = [f"{maybe_instant(it.at) or '-':<20}  {it.what:<9}  {it.text}".rstrip() for it in entries(shown)]
    return workflow_safe_lines("\n".join(lines) + "\n")


def entries(shown: Shown) -> tuple[Entry, ...]:
    """Everything that is known to have happened, in order."""
    record = shown.record
    # Deliveries go on after the run has ended; one that was never tried has no time and comes last.
    tail = [*_failed(record), _ended(shown), *_deliveries(record)]
    latest = datetime.max.replace(tzinfo=UTC)
    return (*_started(record), *_turns(record), *sorted(tail, key=lambda entry: entry.at or latest))


def _started(record: Record) -> Iterator[Entry]:
    if record.started_at:
        model = f" with {record.model_asked}" if record.model_asked else ""
        yield Entry(
            at=record.started_at, what="started", text=terminal(f"{record.run}{model}, attempt {record.attempt}")
        )


def _turns(record: Record) -> Iterator[Entry]:
    at = record.started_at
    for number, turn in enumerate(record.turns, start=1):
        at = _later(at, turn.seconds)
        yield Entry(at=at, what="turn", text=f"{number}: {turn_words(turn)}")
        yield from _calls(turn, at)
        # Calls of one turn may have been made side by side: the longest says when the next turn could begin.
        at = _later(at, max((use.seconds for use in turn.uses), default=0.0))


def _calls(turn: Turn, at: datetime | None) -> Iterator[Entry]:
    for use in turn.uses:
        result = "an error" if use.result.is_error else count(len(use.result.text), "character")
        text = f"{call_words(use)} ({use.seconds:.1f} s, {result})"
        yield Entry(at=_later(at, use.seconds), what="tool", text=text)


def _later(at: datetime | None, seconds: float) -> datetime | None:
    return at + timedelta(seconds=seconds) if at else None


def _failed(record: Record) -> Iterator[Entry]:
    if failure := record.failure:
        at = None if record.status is RunStatus.RUNNING else record.finished_at
        yield Entry(at=at, what="error", text=f"{failure.kind.value}: {terminal(failure.message)}")


def _deliveries(record: Record) -> Iterator[Entry]:
    for delivery in record.deliveries:
        said = f" ({delivery.error or delivery.proof})" if delivery.error or delivery.proof else ""
        text = terminal(f"{delivery.destination}: {delivery.recipient} {delivery.status.value}{said}")
        yield Entry(at=delivery.updated_at, what="delivery", text=text)


def _ended(shown: Shown) -> Entry:
    record = shown.record
    if shown.running and shown.running.pending:
        text = f"asked for by {shown.running.runner}; the next `octops apply` starts it"
        return Entry(at=shown.running.claimed_at, what=record.status.value, text=terminal(text))
    if shown.running:
        gone = "its runner is gone" if shown.running.abandoned else f"held by {shown.running.runner}"
        return Entry(at=None, what="running", text=terminal(f"{shown.running.phase}, {gone}"))
    return Entry(at=record.finished_at, what=record.status.value, text=terminal(record.reason))
