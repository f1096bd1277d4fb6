"""Nouns as JSON: what `before` and `after` show, and what is hashed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from enum import Enum
from hashlib import sha256
from typing import Any, cast

from octops.model.ids import Value
from octops.model.project import Project
from octops.model.task import CatchUp, Frequency, Limits, Overlap, Schedule, Task

_DEFAULTS = {field.name: field.default for field in dataclasses.fields(Task)}
_SCHEDULE = {field.name for field in dataclasses.fields(Schedule)}
_WORDED = {
    "date",
    "start",
    "end",
    "at",
    "days",
    "frequency",
    "catch_up",
    "overlap",
    "cron",
    "grace",
    "deadline",
    "spread",
}
_WRITTEN = {"grace_seconds": "grace", "deadline_seconds": "deadline", "spread_seconds": "spread"}
_NOUN = {written: name for name, written in _WRITTEN.items()}
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=dict).encode


def canonical(value: Value) -> str:
    """One spelling for one value: sorted keys, no spaces, ASCII."""
    return _canonical(value)


def digest(value: Value) -> str:
    """The sha256 of the canonical JSON, in hex."""
    return sha256(_canonical(value).encode()).hexdigest()


def keys(noun: Any) -> dict[str, Value]:
    """Every attribute of a frozen noun as JSON."""
    return {field.name: _json(getattr(noun, field.name)) for field in dataclasses.fields(noun)}


def declared(noun: Any) -> dict[str, Value]:
    """The attributes of a frozen noun that differ from their defaults."""
    return {
        field.name: _json(value)
        for field in dataclasses.fields(noun)
        if (value := getattr(noun, field.name)) != field.default
    }


def document(
    task: Task, project: Project, *, schedule: Mapping[str, Value] | None, limits: Mapping[str, Value]
) -> dict[str, Value]:
    """The task in the order of its keys. Model, zone and limits are those in force; defaults are left out."""
    own: dict[str, Value] = {
        "prompt": task.prompt,
        "model": project.model_of(task),
        "name": task.name,
        "description": task.description,
        "schedule": schedule,
        "timezone": project.zone_of(task),
        "status": task.status.value,
        "sources": list(task.sources),
        "prefetch": [declared(call) for call in task.prefetch],
        "skills": list(task.skills),
        "destinations": list(task.destinations),
        "variables": task.variables,
        "parameters": {name: declared(parameter) for name, parameter in task.parameters.items()},
        "output": None if task.output == _DEFAULTS["output"] else declared(task.output),
        "limits": limits,
        "retry": None if task.retry_attempts == _DEFAULTS["retry_attempts"] else {"attempts": task.retry_attempts},
        "deliver": None if task.deliver == _DEFAULTS["deliver"] else task.deliver,
        "tags": list(task.tags),
        "owner": task.owner,
    }
    return {key: value for key, value in own.items() if value}


def schedule_document(schedule: Schedule) -> dict[str, Value]:
    """What is declared of a schedule, in the words of its file: lengths of time as `30m`, `7d`."""
    return {
        _WRITTEN.get(name, name): _length(value) if name in _WRITTEN else value
        for name, value in declared(schedule).items()
    }


def _length(seconds: Value) -> str:
    """The shortest spelling a file takes."""
    whole = cast("int", seconds)
    unit, size = next(((unit, size) for unit, size in _UNITS if whole and whole % size == 0), ("s", 1))
    return f"{whole // size}{unit}"


def schedule_of(document: Mapping[str, Value]) -> Schedule | None:
    """The schedule a document was made from; None when it has none, or none that this version understands."""
    written = document.get("schedule")
    if not isinstance(written, Mapping):
        return None
    try:
        known = {_NOUN.get(name, name): _read(name, value) for name, value in written.items()}
        return Schedule(**{name: value for name, value in known.items() if name in _SCHEDULE})
    except (TypeError, ValueError, KeyError, IndexError):
        return None


def _read(name: str, value: Any) -> Any:
    match name, value:
        case "date" | "start" | "end", str():
            return date.fromisoformat(value)
        case "at" | "days", [*items] if all(isinstance(item, str) for item in items):
            return tuple(items)
        case "frequency", str():
            return Frequency(value)
        case "catch_up", str():
            return CatchUp(value)
        case "overlap", str():
            return Overlap(value)
        case "cron", str():
            return value
        case "grace" | "deadline" | "spread", str():
            return int(value[:-1]) * dict(_UNITS)[value[-1]]
        case _, int() if name not in _WORDED:
            return value
        case _:
            raise TypeError(name)


def limits_document(limits: Limits) -> dict[str, Value]:
    """All limits: what bounds a run is worth saying even where it is the default."""
    return {name: value for name, value in keys(limits).items() if value is not None}


def _json(value: Any) -> Value:
    match value:
        case Enum():
            return cast("str", value.value)
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case float() if value.is_integer():
            # 1 and 1.0 are equal and share a hash: they have one spelling too.
            return int(value)
        case _:
            return cast("Value", value)
