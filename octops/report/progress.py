"""One line per event of a run: what an apply says while it works."""

from __future__ import annotations

from collections.abc import Mapping

from octops.model.events import Answered, Calling, Ended, LeftAlone, Noted, RunEvent, Sent, Started
from octops.model.ids import RunId
from octops.model.run import Delivery, DeliveryStatus, Record, ToolCall, Usage
from octops.report.escape import terminal, workflow_safe_lines
from octops.report.words import arguments_text, count, money


def line(run: RunId, event: RunEvent) -> str:
    """Empty for an event that is not worth a line."""
    text = _words(event)
    return workflow_safe_lines(f"{terminal(run)}: {text}") if text else ""


def waiting(asked: Mapping[RunId, float]) -> str:
    """What is said when nothing else has been for a while; `asked` maps runs to how long their models write already."""
    runs = ", ".join(f"{terminal(run)} ({seconds:.0f} s)" for run, seconds in asked.items())
    return workflow_safe_lines(f"waiting for the answer of the model: {runs}")


def _words(event: RunEvent) -> str:
    match event:
        case Started(attempt=attempt):
            return "started" if attempt <= 1 else f"taken up again, attempt {attempt}"
        case Calling(call=call):
            return _calling(call)
        case Answered(usage=usage):
            return f"has used {_used(usage)}"
        case Noted(text=text):
            return terminal(text)
        case Sent(delivery=delivery):
            return _sent(delivery)
        case Ended(record=record):
            return _ended(record)
        case LeftAlone(reason=reason):
            return f"left alone: {terminal(reason)}"
    return ""


def _calling(call: ToolCall) -> str:
    return f"calls {terminal(call.name)[:80]} {terminal(arguments_text(call))[:120]}"


def _sent(delivery: Delivery) -> str:
    where = f"{terminal(delivery.destination)} ({terminal(delivery.recipient)})"
    if delivery.status is DeliveryStatus.DELIVERED:
        return f"delivered to {where}: {terminal(delivery.proof)}"
    return f"delivery to {where} {delivery.status.value}: {terminal(delivery.error)}"


def _ended(record: Record) -> str:
    if record.failure is None:
        return f"{record.status.value}, {_used(record.usage)}"
    hint = f" ({terminal(record.failure.hint)})" if record.failure.hint else ""
    return f"failed ({record.failure.kind.value}): {terminal(record.failure.message)}{hint}"


def _used(usage: Usage) -> str:
    cost = "price unknown" if usage.cost_usd is None else money(usage.cost_usd)
    return f"{count(usage.input_tokens + usage.output_tokens, 'token')}, {cost}"
