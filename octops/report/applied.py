"""What an apply did, in words and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from octops.errors import Diagnostic
from octops.model.ids import RunId, instant_text
from octops.model.plan import Change, ChangeAction
from octops.model.run import DeliveryStatus, Record, RunStatus
from octops.report.diagnostics import diagnostics_json
from octops.report.escape import terminal, workflow_safe_lines
from octops.report.paint import Style, paint
from octops.report.words import count, money


def applied_text(applied: Any, *, color: bool = False) -> str:
    lines = ["", *_lines(applied, color)]
    return workflow_safe_lines("\n".join(lines) + "\n")


def _lines(applied: Any, color: bool) -> Iterator[str]:
    carried = applied.carried
    for record in carried.records if carried else ():
        yield from _record(record)
    for run in carried.not_started if carried else ():
        why = "has not ended: the next apply goes on with it" if applied.interrupted else "was not started"
        yield f"  {terminal(run)} {why}" + ("" if applied.interrupted else ": it is due next time")
    for run in _broken(applied):
        yield f"  {terminal(run)} could not be written to the ledger: a later apply takes it up"
    for address in applied.refused:
        yield f"  {terminal(address)} was changed by another apply in the meantime: it stays as that one left it"
    for task in applied.not_pruned:
        yield f"  task.{terminal(task)} is deleted; its head stays until `octops apply --prune`"
    word = "Apply incomplete." if carried and carried.broken else "Apply complete!"
    done = paint("Apply interrupted." if applied.interrupted else word, Style.HEADING, color)
    yield f"{done} {conclusion(applied)}"


def _broken(applied: Any) -> list[str]:
    """Addresses of what the ledger could not be told of."""
    broken = applied.carried.broken if applied.carried else ()
    return [name if "@" in name else f"task.{name}" for name in dict.fromkeys(name for name, _ in broken)]


def conclusion(applied: Any) -> str:
    """What was done, in one line."""
    return f"{_definitions(applied.definitions)} {_runs(applied)}"


def _record(record: Record) -> Iterator[str]:
    cost = "price unknown" if record.usage.cost_usd is None else money(record.usage.cost_usd)
    tokens = count(record.usage.input_tokens + record.usage.output_tokens, "token")
    yield f"  {terminal(record.run)} {record.status.value}: {tokens}, {cost}"
    if record.failure is not None:
        yield f"      {record.failure.kind.value}: {terminal(record.failure.message)}"
        if record.failure.hint:
            yield f"      help: {terminal(record.failure.hint)}"
    for delivery in record.deliveries:
        why = f": {terminal(delivery.error)}" if delivery.error else ""
        yield f"      {terminal(delivery.destination)} ({terminal(delivery.recipient)}) {delivery.status.value}{why}"


def _definitions(changes: Sequence[Change]) -> str:
    counts = Counter(change.action for change in changes)
    moved = sum(change.moved_from is not None for change in changes)
    first = f"{moved} moved, " if moved else ""
    return (
        f"Definitions: {first}{counts[ChangeAction.CREATE]} added, {counts[ChangeAction.UPDATE]} changed, "
        f"{counts[ChangeAction.DELETE]} destroyed."
    )


def _runs(applied: Any) -> str:
    carried = applied.carried
    records = carried.records if carried else ()
    counts = Counter(record.status for record in records)
    skipped = sum(max(1, len(record.covers)) for record in applied.skipped)
    lost = [
        delivery
        for record in records
        for delivery in record.deliveries
        if delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN)
    ]
    text = f"Runs: {counts[RunStatus.COMPLETED]} completed, {counts[RunStatus.FAILED]} failed, {skipped} skipped."
    text += f" Deliveries not arrived: {len(lost)}." if lost else ""
    return text + (f" Spent: {_spent(records)}." if records else "")


def _spent(records: Sequence[Record]) -> str:
    """What is known of it: a price nobody knows is counted, never taken as zero."""
    known = [record.usage.cost_usd for record in records if record.usage.cost_usd is not None]
    unknown = len(records) - len(known)
    if not unknown:
        return money(sum(known))
    unpriced = count(unknown, "run has", "runs have")
    return f"{money(sum(known))}, and {unpriced} no known price" if known else f"unknown, {unpriced} no known price"


def applied_json(applied: Any) -> dict[str, Any]:
    carried = applied.carried
    return {
        "definitions": [
            {"address": f"task.{change.task}", "actions": [change.action.value]} for change in applied.definitions
        ],
        "refused": list(applied.refused),
        "not_pruned": [f"task.{task}" for task in applied.not_pruned],
        "runs": [_run(record) for record in (*applied.skipped, *(carried.records if carried else ()))],
        "not_started": list(carried.not_started) if carried else [],
        "left_alone": list(carried.left_alone) if carried else [],
        "not_written": _broken(applied),
        "diagnostics": diagnostics_json(
            [it for _, error in (carried.broken if carried else ()) for it in error.diagnostics]
        ),
    }


def run_text(record: Record) -> str:
    """One run that already happened."""
    lines = [*_record(record), f"{terminal(record.run)} already happened: nothing was started now"]
    return workflow_safe_lines("\n".join(lines) + "\n")


def run_json(record: Record, notes: Sequence[Diagnostic] = ()) -> dict[str, Any]:
    return {"runs": [_run(record)], "diagnostics": diagnostics_json(notes)}


def requested_json(run: RunId, notes: Sequence[Diagnostic] = (), *, taken: bool) -> dict[str, Any]:
    """A run that was left to the next apply, or (not `taken`) is in other hands already."""
    return {
        "runs": [],
        "requested": [run] if taken else [],
        "left_alone": [] if taken else [run],
        "diagnostics": diagnostics_json(notes),
    }


def _run(record: Record) -> dict[str, Any]:
    failure = record.failure
    return {
        "run": record.run,
        "task": record.task,
        "scheduled_at": instant_text(record.scheduled_at) if record.scheduled_at else None,
        "status": record.status.value,
        "reason": record.reason,
        "usage": {
            "input_tokens": record.usage.input_tokens,
            "output_tokens": record.usage.output_tokens,
            "cost_usd": record.usage.cost_usd,
        },
        "error": {"kind": failure.kind.value, "message": failure.message, "hint": failure.hint} if failure else None,
        "deliveries": [
            {
                "destination": delivery.destination,
                "recipient": delivery.recipient,
                "status": delivery.status.value,
                "proof": delivery.proof,
                "error": delivery.error,
            }
            for delivery in record.deliveries
        ],
    }
