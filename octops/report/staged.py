"""What a staged run would have delivered, for `octops run --staged`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from octops.model.ids import DestinationId, RunId
from octops.model.run import Answer
from octops.report.escape import terminal, terminal_lines, workflow_safe_lines
from octops.report.words import count, money


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A delivery that would be made: one recipient of a destination, as records name it."""

    destination: DestinationId
    type: str
    recipient: str


def staged_text(run: RunId, answer: Answer, deliveries: Sequence[Wanted]) -> str:
    """The answer whole, indented; then where it would have gone."""
    lines = [f"{terminal(run)} staged: nothing was delivered, nothing was recorded", "", *_answer(answer.text)]
    if answer.failure is not None:
        lines.append(f"failed ({answer.failure.kind.value}): {terminal(answer.failure.message)}")
        lines += [f"  help: {terminal(answer.failure.hint)}"] if answer.failure.hint else []
    lines += [f"would be delivered to {_place(it)}" for it in deliveries]
    cost = "price unknown" if answer.usage.cost_usd is None else money(answer.usage.cost_usd)
    lines.append(f"{count(answer.usage.input_tokens + answer.usage.output_tokens, 'token')}, {cost}")
    return workflow_safe_lines("\n".join(lines) + "\n")


def staged_json(run: RunId, answer: Answer, deliveries: Sequence[Wanted]) -> dict[str, Any]:
    failure = answer.failure
    return {
        "run": run,
        "staged": True,
        "status": "failed" if failure else "completed",
        "text": answer.text,
        "data": answer.data,
        "model": answer.model,
        "usage": {
            "input_tokens": answer.usage.input_tokens,
            "output_tokens": answer.usage.output_tokens,
            "cost_usd": answer.usage.cost_usd,
        },
        "error": {"kind": failure.kind.value, "message": failure.message, "hint": failure.hint} if failure else None,
        "destinations": list(dict.fromkeys(it.destination for it in deliveries)),
        "deliveries": [{"destination": it.destination, "recipient": it.recipient} for it in deliveries],
        "diagnostics": [],
    }


def _answer(text: str) -> Iterator[str]:
    if text.strip():
        yield from (f"  {line}" if line else "" for line in terminal_lines(text.rstrip("\n")).split("\n"))
        yield ""


def _place(wanted: Wanted) -> str:
    recipient = f": {terminal(wanted.recipient)}" if wanted.recipient else ""
    return f"{terminal(wanted.destination)} ({terminal(wanted.type)}{recipient})"
