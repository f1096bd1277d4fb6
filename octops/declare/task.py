"""The mapping of a task file → the noun Task: changes with the keys of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from octops.declare.destination import destination_of
from octops.declare.timing import schedule_of
from octops.model.ids import DestinationId, SourceId, TaskId
from octops.model.project import Destination
from octops.model.task import Limits, Output, Parameter, Prefetch, Task, TaskStatus

_NO_OUTPUT = Output()
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What octops.yaml gives every task: raw mappings, which the task's own keys overrule one by one."""

    limits: Mapping[str, Any] = field(default_factory=dict)
    schedule: Mapping[str, Any] = field(default_factory=dict)
    shared_limits: Limits = Limits()
    """`limits` as a noun, for the many tasks that have none of their own."""
    default_is_no_alias: bool = True
    """`model: default` then means the project's default model."""


def task_of(values: Mapping[str, Any], *, id_: str, path: str, defaults: Defaults) -> Task:
    """The task; its inline destinations stand in it under their made-up ids."""
    get = values.get
    schedule = get("schedule")
    limits = get("limits")
    output = get("output")
    model = get("model", "")
    return Task(
        id=TaskId(id_),
        path=path,
        prompt=get("prompt", ""),
        model="" if model == "default" and defaults.default_is_no_alias else model,
        name=get("name", ""),
        description=get("description", ""),
        schedule=schedule_of(schedule, defaults.schedule) if schedule else None,
        timezone=get("timezone", ""),
        status=TaskStatus.PAUSED if get("status") == "paused" else TaskStatus.ACTIVE,
        sources=tuple(get("sources", ())),
        prefetch=tuple(map(_prefetch, get("prefetch", ()))),
        skills=tuple(get("skills", ())),
        destinations=_destinations(get("destinations", ()), id_),
        variables=get("variables", {}),
        parameters={name: _parameter(value) for name, value in get("parameters", {}).items()},
        output=_output(output) if output else _NO_OUTPUT,
        limits=limits_of({**defaults.limits, **limits}) if limits else defaults.shared_limits,
        retry_attempts=int(get("retry", {}).get("attempts", _ATTEMPTS)),
        deliver=get("deliver", "always"),
        tags=tuple(get("tags", ())),
        owner=get("owner", ""),
    )


def inline_destinations(values: Mapping[str, Any], *, task: str, path: str) -> tuple[Destination, ...]:
    """The destinations written in the task itself, as nouns with the ids the task refers to."""
    return tuple(
        [
            destination_of(item, id_=inline_id(task, position), path=path)
            for position, item in enumerate(values.get("destinations", ()), 1)
            if type(item) is dict
        ]
    )


def inline_id(task: str, position: int) -> DestinationId:
    """`daily-digest-2`: the second destination of `daily-digest`, written inline."""
    return DestinationId(f"{task}-{position}")


def limits_of(values: Mapping[str, Any]) -> Limits:
    """Limits with the documented defaults for what is not given."""
    return _limits(tuple(values.items()))


@lru_cache(maxsize=1024)
def _limits(items: tuple[tuple[str, Any], ...]) -> Limits:
    """Many tasks share their limits: one noun serves them all."""
    values = {key: float(value) if key == "cost_usd" else int(value) for key, value in items}
    return Limits(**values)  # type: ignore[arg-type]


def _destinations(items: Sequence[Any], task: str) -> tuple[DestinationId, ...]:
    return tuple(
        [
            DestinationId(item) if type(item) is str else inline_id(task, position)
            for position, item in enumerate(items, 1)
        ]
    )


def _prefetch(call: Mapping[str, Any]) -> Prefetch:
    return Prefetch(source=SourceId(call["source"]), tool=call["tool"], arguments=call.get("arguments", {}))


def _parameter(value: str | Mapping[str, Any]) -> Parameter:
    if isinstance(value, str):
        return Parameter(description=value)
    return Parameter(
        description=value.get("description", ""), required=value.get("required", False), default=value.get("default")
    )


def _output(values: Mapping[str, Any]) -> Output:
    return Output(
        format=values.get("format", "markdown"),
        schema=values.get("schema"),
        on_truncated=values.get("on_truncated", "fail"),
    )
