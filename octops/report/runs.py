"""Many runs, one line each, for `octops runs`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from octops.errors import Diagnostic
from octops.model.ids import RunId, TaskId, instant_text
from octops.model.run import Delivery, DeliveryStatus, Failure, RunStatus, Usage
from octops.report.diagnostics import diagnostics_json
from octops.report.escape import terminal, workflow_safe_lines
from octops.report.paint import Style
from octops.report.table import Cell, table
from octops.report.words import count, lateness, money

HEADS = ("run", "status", "lateness", "model", "tokens in", "out", "cost", "deliveries")
STYLES = {
    RunStatus.COMPLETED: Style.ADD,
    RunStatus.FAILED: Style.ERROR,
    RunStatus.PENDING: Style.CHANGE,
    RunStatus.RUNNING: Style.CHANGE,
    RunStatus.SKIPPED: Style.QUIET,
}
UNDELIVERED = (DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run without its texts: the fields of `Record` that a list needs, under the same names."""

    run: RunId
    task: TaskId
    scheduled_at: datetime | None = None
    name: str = ""
    status: RunStatus
    reason: str = ""
    """Why it was skipped; of a running one: `lease_expired` or `open_delivery` when its runner is gone;
    of a pending one `requested`."""
    lateness_seconds: int = 0
    model_asked: str = ""
    model_answered: str = ""
    requested_at: datetime | None = None
    """Of a pending one: when somebody asked for it."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    usage: Usage = Usage()
    earlier_usage: Usage | None = None
    deliveries: tuple[Delivery, ...] = ()
    failure: Failure | None = None
    covers: tuple[datetime, ...] = ()
    """Of a skipped one: all the slots its record stands for, from `covers_from` on where that are more."""
    covers_from: datetime | None = None

    @property
    def at(self) -> datetime:
        """What lists are sorted by: the slot, else when it was started, or asked for."""
        known = (self.scheduled_at, self.started_at, self.requested_at, self.finished_at)
        return next(filter(None, known), datetime.min.replace(tzinfo=UTC))

    @property
    def model(self) -> str:
        return self.model_answered or self.model_asked


def runs_json(lines: Iterable[RunLine], diagnostics: Iterable[Diagnostic] = ()) -> dict[str, Any]:
    return {"runs": [line_json(line) for line in lines], "diagnostics": diagnostics_json(diagnostics)}


def line_json(line: RunLine) -> dict[str, Any]:
    """One run of a list; `cost_usd` null: the price is not known."""
    failure = line.failure
    return {
        "run": line.run,
        "task": line.task,
        "scheduled_at": maybe_instant(line.scheduled_at),
        "name": line.name,
        "status": line.status.value,
        "reason": line.reason,
        "lateness_seconds": line.lateness_seconds,
        "covers": [instant_text(slot) for slot in line.covers],
        "covers_from": maybe_instant(line.covers_from),
        "model": line.model,
        "usage": usage_json(line.usage),
        "deliveries": [delivery_json(delivery) for delivery in line.deliveries],
        "requested_at": maybe_instant(line.requested_at),
        "started_at": maybe_instant(line.started_at),
        "finished_at": maybe_instant(line.finished_at),
        "error": {"kind": failure.kind.value, "message": failure.message, "hint": failure.hint} if failure else None,
    }


def usage_json(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": usage.cost_usd,
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "destination": delivery.destination,
        "recipient": delivery.recipient,
        "status": delivery.status.value,
        "guarantee": delivery.guarantee,
        "attempts": delivery.attempts,
        "proof": delivery.proof,
        "error": delivery.error,
        "updated_at": maybe_instant(delivery.updated_at),
    }


def maybe_instant(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None


def runs_text(lines: Sequence[RunLine], *, color: bool = False) -> str:
    """A table, in the order given; a sentence when there is none."""
    if not lines:
        return "No runs: the ledger holds none like this.\n"
    return workflow_safe_lines(table(HEADS, [_row(line) for line in lines], color=color))


def _row(line: RunLine) -> tuple[Cell, ...]:
    begun = line.status not in (RunStatus.PENDING, RunStatus.SKIPPED)
    usage = line.usage
    asked = begun and (line.status is not RunStatus.RUNNING or bool(line.model))
    return (
        Cell(terminal(line.run)),
        status_cell(line),
        Cell(lateness(line.lateness_seconds) if line.scheduled_at and begun else "-"),
        Cell(terminal(line.model) or "-"),
        Cell(f"{usage.input_tokens:,}" if asked else "-", right=True),
        Cell(f"{usage.output_tokens:,}" if asked else "-", right=True),
        Cell(money(usage.cost_usd) if asked else "-", right=True),
        deliveries_cell(line.deliveries),
    )


def status_cell(line: RunLine) -> Cell:
    """`failed (timeout)`, `skipped (superseded, 3 slots)`, `completed`."""
    why = line.failure.kind.value if line.failure else line.reason
    more = "more than " if line.covers_from else ""
    why += f", {more}{count(len(line.covers), 'slot')}" if why and len(line.covers) > 1 else ""
    return Cell(terminal(f"{line.status.value} ({why})" if why else line.status.value), STYLES.get(line.status))


def deliveries_cell(deliveries: Iterable[Delivery]) -> Cell:
    """`2 delivered, 1 failed`, in the order of the first of each."""
    counts: Mapping[DeliveryStatus, int] = Counter(delivery.status for delivery in deliveries)
    text = ", ".join(f"{number} {status.value}" for status, number in counts.items())
    bad = any(status in UNDELIVERED for status in counts)
    return Cell(text or "-", Style.ERROR if bad else None)
