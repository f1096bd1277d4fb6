"""The body of a webhook: one event about one run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from octops.destinations.words import failed, json_text
from octops.model.ids import instant_text
from octops.model.run import Result


def event(result: Result, now: datetime) -> bytes:
    """UTF-8 JSON. Its `timestamp` is when the run ended, so that every attempt sends the same bytes."""
    document = {
        "event": "task.failed" if failed(result) else "task.completed",
        "timestamp": instant_text(result.finished_at or now),
        "task": {"id": result.task, "name": result.task_name},
        "run": _run(result),
    }
    return json_text(document).encode("utf-8", "replace")


def _run(result: Result) -> dict[str, Any]:
    run: dict[str, Any] = {
        "id": result.run,
        "status": result.status.value,
        "scheduled_at": instant_text(result.scheduled_at) if result.scheduled_at else None,
        "model": result.model,
        "format": result.format,
        "output": result.text,
        "usage": {
            "input_tokens": result.usage.input_tokens,
            "output_tokens": result.usage.output_tokens,
            "cost_usd": result.usage.cost_usd,
        },
    }
    if result.format == "json":
        run["data"] = result.data
    if result.failure is not None:
        failure = result.failure
        run["error"] = {"kind": failure.kind.value, "message": failure.message, "hint": failure.hint}
    return run
