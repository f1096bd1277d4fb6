"""What a staged run would have delivered, for `octops run --staged`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from octops.model.ids import RunId
from octops.model.project import Destination
from octops.model.run import Answer
from octops.report.escape import terminal, terminal_lines, workflow_safe_lines
from octops.report.words import count, money


def staged_text(run: RunId, answer: Answer, destinations: Sequence[Destination]) -> str:
    """The answer whole, indented; then where it would have gone."""
    lines = [f"{terminal(run)} staged: nothing was delivered, nothing was recorded", ""]
    lines += [f"  {line}" if line else "" for line in terminal_lines(answer.text.rstrip("\n")).split("\n")]
    lines.append("")
    if answer.failure is not None:
        lines.append(f"failed ({answer.failure.kind.value}): {terminal(answer.failure.message)}")
        lines += [f"  help: {terminal(answer.failure.hint)}"] if answer.failure.hint else []
    lines += [f"would be delivered to {terminal(it.id)} ({terminal(it.type)})" for it in destinations]
    cost = "price unknown" if answer.usage.cost_usd is None else money(answer.usage.cost_usd)
    lines.append(f"{count(answer.usage.input_tokens + answer.usage.output_tokens, 'token')}, {cost}")
    return workflow_safe_lines("\n".join(lines) + "\n")


def staged_json(run: RunId, answer: Answer, destinations: Sequence[Destination]) -> dict[str, Any]:
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
        "destinations": [destination.id for destination in destinations],
        "diagnostics": [],
    }
