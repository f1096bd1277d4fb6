"""What the changed tasks of a branch say, beside what they said last, for `octops preview`: the nouns and the JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from octops.errors import Diagnostic
from octops.model.ids import RunId, TaskId, Value, instant_text
from octops.model.plan import ChangeAction
from octops.model.run import Answer, Record, Usage
from octops.report.diagnostics import diagnostics_json
from octops.report.words import count


class PreviewStatus(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One changed task. Without an answer it was not run, and `reason` says why."""

    task: TaskId
    action: ChangeAction = ChangeAction.UPDATE
    modified: tuple[str, ...] = ()
    moved_from: TaskId | None = None
    reason: str = ""
    run: RunId | None = None
    """The id a real run of that slot has; made up for a task without a schedule."""
    scheduled_at: datetime | None = None
    timezone: str = "UTC"
    answer: Answer | None = None
    format: str = "markdown"
    withheld: tuple[str, ...] = ()
    """Tools that were not offered to the model, since they do not promise to change nothing."""
    notes: tuple[str, ...] = ()
    last: Record | None = None
    """The newest completed run in the ledger."""

    @property
    def status(self) -> PreviewStatus:
        if self.answer is None:
            return PreviewStatus.NOT_RUN
        return PreviewStatus.FAILED if self.answer.failure else PreviewStatus.COMPLETED


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """A whole preview; `previews` are sorted by task."""

    previews: tuple[Preview, ...] = ()
    revision: str = ""
    dirty: bool = False
    base: str = ""
    as_of: datetime
    max_cost_usd: float
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(preview.answer for preview in self.previews if preview.answer)

    @property
    def failed(self) -> int:
        return sum(preview.status is PreviewStatus.FAILED for preview in self.previews)

    @property
    def usage(self) -> Usage:
        return sum((answer.usage for answer in self.answers), Usage())


def preview_line(previewed: Previewed) -> str:
    """`Preview: 2 of 3 tasks run, 1 failed.`, or `No changes.`"""
    number = len(previewed.previews)
    if not number:
        return "No changes."
    failed = f", {previewed.failed:,} failed" if previewed.failed else ""
    return f"Preview: {len(previewed.answers):,} of {count(number, 'task')} run{failed}."


def answer_text(text: str, data: Value, format_: str) -> str:
    """An answer as people read it: JSON with a key a line."""
    if format_ != "json" or data is None:
        return text
    try:
        return json.dumps(data, indent=2, ensure_ascii=False, default=dict)
    except RecursionError:
        # Nested a thousand deep there is nothing to read in it anyway.
        return text


def preview_json(previewed: Previewed) -> dict[str, Any]:
    return {
        "base": previewed.base,
        "revision": previewed.revision,
        "dirty": previewed.dirty,
        "now": instant_text(previewed.as_of),
        "previews": [_preview(preview) for preview in previewed.previews],
        "usage": _usage(previewed.usage),
        "max_cost_usd": previewed.max_cost_usd,
        "diagnostics": diagnostics_json(previewed.diagnostics),
    }


def _preview(preview: Preview) -> dict[str, Any]:
    answer = preview.answer
    failure = answer.failure if answer else None
    return {
        "task": preview.task,
        "status": preview.status.value,
        "reason": preview.reason,
        "action": preview.action.value,
        "modified": list(preview.modified),
        "moved_from": preview.moved_from,
        "run": preview.run,
        "scheduled_at": instant_text(preview.scheduled_at) if preview.scheduled_at else None,
        "text": answer.text if answer else None,
        "model": answer.model if answer else None,
        "usage": _usage(answer.usage) if answer else None,
        "error": {"kind": failure.kind.value, "message": failure.message, "hint": failure.hint} if failure else None,
        "withheld_tools": list(preview.withheld),
        "notes": list(preview.notes),
        "last": _last(preview.last) if preview.last else None,
    }


def _last(record: Record) -> dict[str, Any]:
    return {
        "run": record.run,
        "finished_at": instant_text(record.finished_at),
        "text": record.text,
        "model": record.model_answered,
        "usage": _usage(record.usage),
    }


def _usage(usage: Usage) -> dict[str, Any]:
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens, "cost_usd": usage.cost_usd}
