"""What octops.yaml says for the whole project, compared: budgets, records, places that no task's definition shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from octops.errors import Diagnostic, Location, Severity
from octops.model.project import Settings


def settings_changes(before: Settings, after: Settings, *, deleted: bool = False) -> tuple[Diagnostic, ...]:
    """One warning that names every such setting that differs; `deleted` says that octops.yaml itself is gone."""
    old, new = _shared(before), _shared(after)
    differing = ", ".join(f"`{name}` was `{old[name]}` and is `{new[name]}`" for name in old if old[name] != new[name])
    if deleted:
        said = "octops.yaml is deleted: for every task octops' own defaults hold"
    elif differing:
        said = "octops.yaml changes what holds for every task"
    else:
        return ()
    changed = Diagnostic(
        severity=Severity.WARNING,
        code="settings-deleted" if deleted else "settings-changed",
        summary=f"{said}: {differing}" if differing else said,
        detail="put the file back unless that is meant" if deleted else "no task shows this: look whether it is meant",
        location=None if deleted else Location(filename=after.path),
    )
    return (changed,)


def _shared(settings: Settings) -> dict[str, str]:
    """Names as in octops.yaml → values as they would be written there. A task's limits show `budget.run_usd`."""
    parts = {
        "budget": asdict(settings.budget),
        "parallelism": settings.parallelism,
        "records": asdict(settings.records),
        "apply": asdict(settings.apply),
        "preview": asdict(settings.preview),
        "network": {"allow": settings.network_allow},
    }
    return {name: _written(value) for name, value in _flat(parts) if name != "budget.run_usd"}


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _written(value: Any) -> str:
    if value is None or value == ():
        return "not set"
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
