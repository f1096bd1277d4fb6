"""What a task refers to as text, a line per key, so that a diff shows which key of which declaration changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from octops.model.ids import Value
from octops.model.project import Destination, ModelAlias, Project, Source
from octops.model.task import Task
from octops.plan.closure import named_chain, reached_sources
from octops.plan.document import declared

_ELSEWHERE = frozenset({"id", "path", "price"})
"""A thing's name and file stand in the task or do not matter; a price changes no run."""
_WRITTEN = {"allow": "tools.allow", "deny": "tools.deny"}
"""An attribute of a source as its file spells it; an API has an `allow` of its own."""


class Referred:
    """The declarations of one project as text; each is written once, however many tasks share it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._written: dict[str, str] = {}

    def of(self, task: Task) -> dict[str, str]:
        """`model:<alias>`, `source:<id>`, `destination:<id>` → its keys."""
        project, models = self._project, self._project.settings.models
        chain = named_chain(project.model_of(task), project)
        things: dict[str, ModelAlias | Source | Destination] = {
            **{f"model:{name}": alias for name, alias in chain.items() if name in models},
            **{f"source:{it}": project.sources[it] for it in reached_sources(task)},
            **{f"destination:{it}": project.destinations[it] for it in task.destinations},
        }
        return {name: self._once(name, thing) for name, thing in things.items()}

    def _once(self, name: str, thing: ModelAlias | Source | Destination) -> str:
        if name not in self._written:
            self._written[name] = _text(thing)
        return self._written[name]


def _text(thing: ModelAlias | Source | Destination) -> str:
    own = declared(thing).items()
    values = {_WRITTEN.get(key, key): value for key, value in own if key not in _ELSEWHERE and value != {}}
    config = values.pop("config", {})
    lines = _lines({**values, **config} if isinstance(config, Mapping) else values)
    return "".join(f"{line}\n" for line in lines)


def _lines(values: Mapping[str, Value], above: str = "") -> Iterator[str]:
    """`key.below: value`, sorted: another order in the file is no change."""
    for key in sorted(values):
        value = values[key]
        if isinstance(value, Mapping) and value and value.keys() != {"env"}:
            yield from _lines(value, f"{above}{key}.")
        else:
            yield f"{above}{key}: {json.dumps(value, ensure_ascii=False, default=dict)}"
