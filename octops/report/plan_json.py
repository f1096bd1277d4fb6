"""A plan as Terraform's plan document, with octops' own keys beside it (schemas/plan.schema.json)."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from octops.model.history import Definition
from octops.model.ids import Value, instant_text
from octops.model.plan import Change, Effects, Estimate, Plan, PlannedRun, Upcoming
from octops.report.diagnostics import diagnostics_json

FORMAT_VERSION = "1.0"


def plan_json(plan: Plan, *, version: str = "") -> dict[str, Any]:
    """The same plan gives the same document. `version` is that of octops; empty leaves it out."""
    return {
        "format_version": FORMAT_VERSION,
        "resource_changes": [_change(change) for change in plan.changes],
        "run_changes": [_run(run) for run in plan.runs],
        "upcoming": [_upcoming(upcoming) for upcoming in plan.upcoming],
        "octops": {
            **({"version": version} if version else {}),
            "revision": plan.revision,
            "dirty": plan.dirty,
            "base": plan.base,
            "ledger": plan.ledger,
            "now": instant_text(plan.as_of),
            "tzdata": plan.tzdata,
            "unchanged": plan.unchanged,
            "activations": {task: instant_text(plan.activations[task]) for task in sorted(plan.activations)},
            "settings": {key: plan.settings[key] for key in sorted(plan.settings)},
        },
        "diagnostics": diagnostics_json(plan.diagnostics),
    }


def _change(change: Change) -> dict[str, Any]:
    moved = {"previous_address": f"task.{change.moved_from}"} if change.moved_from else {}
    return {
        "address": f"task.{change.task}",
        **moved,
        "type": "task",
        "name": change.task,
        "change": {
            "actions": [change.action.value],
            "before": _definition(change.before),
            "after": _definition(change.after),
            "before_hash": change.before.hash if change.before else "",
            "after_hash": change.after.hash if change.after else "",
        },
        "action_reason": change.reason,
        "modified": list(change.modified),
        "effects": _effects(change.effects),
        "new_effects": _effects(change.new_effects),
        "estimate": _estimate(change.estimate),
        "estimate_before": _estimate(change.estimate_before),
    }


def _definition(definition: Definition | None) -> Value:
    return None if definition is None else plain(definition.document)


def _run(run: PlannedRun) -> dict[str, Any]:
    return {
        "address": f"run.{run.id}",
        "task": run.task,
        "name": run.name,
        "scheduled_at": instant_text(run.scheduled_at) if run.scheduled_at else None,
        "due_at": instant_text(run.due_at) if run.due_at else None,
        "window_start": instant_text(run.window_start) if run.window_start else None,
        "covers": [instant_text(slot) for slot in run.covers],
        "covers_from": instant_text(run.covers_from) if run.covers_from else None,
        "actions": [run.action.value],
        "action_reason": run.reason,
        "lateness_seconds": run.lateness_seconds,
        "is_catch_up": run.is_catch_up,
        "effects": _effects(run.effects),
        "estimate": _estimate(run.estimate),
    }


def _upcoming(upcoming: Upcoming) -> dict[str, Any]:
    return {
        "task": upcoming.task,
        "timezone": upcoming.timezone,
        "status": upcoming.status.value,
        "slots": [instant_text(slot) for slot in upcoming.slots],
    }


def _effects(effects: Effects) -> dict[str, Any]:
    document: dict[str, Any] = {
        field.name: list(getattr(effects, field.name))
        for field in dataclasses.fields(effects)
        if field.name != "secrets"
    }
    document["secrets"] = [{"name": secret.name, "goes_to": secret.goes_to} for secret in effects.secrets]
    return dict(sorted(document.items()))


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    return {field.name: plain(getattr(estimate, field.name)) for field in dataclasses.fields(estimate)}


def plain(value: Value) -> Any:
    """Lists and dicts with sorted keys; figures rounded to a millionth, whole ones without a fraction."""
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return _figure(value) if isinstance(value, float) else value


def _figure(value: float) -> float | int | None:
    """JSON has no word for infinity, nor for what is not a number."""
    if not math.isfinite(value):
        return None
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded
