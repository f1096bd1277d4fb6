"""Variables: what the placeholders of one run stand for, and which of them a person may give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from octops.errors import Diagnostic
from octops.model.ids import RunId, Value
from octops.model.project import Project
from octops.model.task import Parameter, Task
from octops.template import closest


def moment(
    task: Task,
    zone: ZoneInfo,
    *,
    run: RunId,
    now: datetime,
    scheduled_at: datetime | None = None,
    window_start: datetime | None = None,
    previous_run_at: datetime | None = None,
    is_catch_up: bool = False,
) -> Mapping[str, str]:
    """The built-ins of one run. Every time but `now` is the slot's, so that a late run is about the right day.

    Without a slot (a run somebody started) the slot is `now`. `window_start` is the slot before this one;
    it and `previous_run_at` are left out when they are None: no built-in is ever empty text.
    """
    slot = scheduled_at or now
    local = slot.astimezone(UTC).astimezone(zone)
    texts = {
        "task_name": task.title,
        "run_id": run,
        "frequency": task.schedule.frequency.value if task.schedule else "manual",
        "timezone": zone.key,
        "scheduled_at": _local_text(slot, zone),
        "scheduled_date": f"{local:%Y-%m-%d}",
        "scheduled_time": f"{local:%H:%M}",
        "current_date": f"{local:%Y-%m-%d}",
        "current_time": f"{local:%H:%M}",
        "now": _local_text(now, zone),
        "window_end": _local_text(slot, zone),
        "is_catch_up": "true" if is_catch_up else "false",
    }
    if window_start is not None:
        texts["window_start"] = _local_text(window_start, zone)
    if previous_run_at is not None:
        texts["previous_run_at"] = _local_text(previous_run_at, zone)
    return texts


def variables_for(
    project: Project, task: Task, built_ins: Mapping[str, str], parameters: Mapping[str, str]
) -> Mapping[str, Value]:
    """Everything a template of this run may use: octops.yaml < task < parameters < built-ins.

    A value replaces an earlier one whole. Parameters the task does not declare are left out.
    """
    defaults = {name: parameter.default for name, parameter in task.parameters.items() if parameter.default is not None}
    given = {name: text for name, text in parameters.items() if name in task.parameters}
    return {**project.settings.variables, **task.variables, **defaults, **given, **built_ins}


def check_parameters(task: Task, given: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """What is wrong with the parameters of a trigger: undeclared ones, then missing ones. Nothing is spent before."""
    undeclared = [_undeclared(task, name) for name in given if name not in task.parameters]
    missing = [
        _missing(task, name, parameter)
        for name, parameter in task.parameters.items()
        if name not in given and (parameter.required or parameter.default is None)
    ]
    return (*undeclared, *missing)


def _local_text(instant: datetime, zone: ZoneInfo) -> str:
    """RFC 3339 with the zone's offset, whole seconds: the offset tells the two 01:30 of an autumn night apart."""
    return instant.astimezone(UTC).astimezone(zone).isoformat(timespec="seconds")


def _undeclared(task: Task, name: str) -> Diagnostic:
    meant = closest(name, task.parameters)
    declared = ", ".join(f"`{known}`" for known in task.parameters)
    if meant:
        detail = f"did you mean `{meant}`?"
    elif declared:
        detail = f"it declares {declared}"
    else:
        detail = f"declare it under `parameters` in {task.path}"
    summary = f"task `{task.id}` declares no parameter `{name}`"
    return Diagnostic(code="unknown-parameter", summary=summary, detail=detail)


def _missing(task: Task, name: str, parameter: Parameter) -> Diagnostic:
    detail = f"add `--param {name}=…`" + (f" ({parameter.description})" if parameter.description else "")
    summary = f"task `{task.id}` needs parameter `{name}`"
    return Diagnostic(code="missing-parameter", summary=summary, detail=detail)
