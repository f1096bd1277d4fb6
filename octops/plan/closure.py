"""What a task reaches beyond its own file: models, sources, variables, limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from octops import template
from octops.model.ids import SourceId, Value
from octops.model.project import ModelAlias, Project
from octops.model.task import Limits, Task


def model_chain(name: str, project: Project) -> tuple[ModelAlias, ...]:
    """The model first asked, then what it falls back to."""
    return tuple(named_chain(name, project).values())


def named_chain(name: str, project: Project) -> dict[str, ModelAlias]:
    """The same by the names of octops.yaml, or a model's own; each name once, whatever the fallbacks say."""
    chain: dict[str, ModelAlias] = {}
    while name and name not in chain:
        chain[name] = project.settings.models.get(name) or ModelAlias(model=name)
        name = chain[name].fallback
    return chain


def reached_sources(task: Task) -> tuple[SourceId, ...]:
    """The sources a run opens: those of the model, then those only prefetched from."""
    return tuple(dict.fromkeys((*task.sources, *(call.source for call in task.prefetch))))


def effective_limits(task: Task, project: Project) -> Limits:
    """The task's limits under the cost cap that octops.yaml sets for every run."""
    cap, own = project.settings.budget.run_usd, task.limits.cost_usd
    if cap is None or (own is not None and own <= cap):
        return task.limits
    return dataclasses.replace(task.limits, cost_usd=cap)


def reached_variables(task: Task, project: Project, templates: Iterable[str]) -> dict[str, Value]:
    """The task's own variables, and of octops.yaml only those its templates use: an unrelated one touches no task."""
    known = project.settings.variables
    # Parsing a template is dear: do it only where a known name stands in the text at all.
    promising = [text for text in templates if any(name in text for name in known)]
    used = frozenset().union(*(template.names(text) for text in promising))
    return {**{name: value for name, value in known.items() if name in used}, **task.variables}


def templates_in(value: Value) -> Iterator[str]:
    """Every text in a value that may hold a placeholder."""
    return (text for text in _strings(value) if "<<" in text)


def _strings(value: Value) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for item in value.values():
                yield from _strings(item)
        case list() | tuple():
            for item in value:
                yield from _strings(item)
