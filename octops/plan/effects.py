"""All that a run of a task can touch, and what it could not touch before."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import fields, replace
from functools import cache
from typing import TypeVar

from octops.model.effects import Effects
from octops.model.project import Project, Source
from octops.model.task import Limits, Prefetch, Task
from octops.plan.closure import effective_limits, model_chain, reached_sources
from octops.plan.document import canonical
from octops.plan.reach import destination_reach, model_reach, source_reach

_T = TypeVar("_T")
_KINDS = tuple(field.name for field in fields(Effects))


def effects(task: Task, project: Project) -> Effects:
    """Everything one task's runs can touch. For many tasks keep one `EffectsOf`."""
    return EffectsOf(project).of(task, effective_limits(task, project))


def new_effects(before: Effects, after: Effects) -> Effects:
    """What `after` can touch and `before` could not: also what is no longer denied, and the caps that are wider."""
    if before == after:
        return Effects()
    gained = {kind: _gained(getattr(before, kind), getattr(after, kind)) for kind in _KINDS}
    return replace(
        Effects(**gained),
        tools=(*gained["tools"], *_undenied(before.tools, after.tools)),
        reads=(*gained["reads"], *_undenied(before.reads, after.reads)),
        caps=_wider(before.caps, after.caps),
    )


def caps(limits: Limits) -> tuple[str, ...]:
    """`turns 20`, `cost $0.50`, or `cost unlimited`: then only the tokens bound it."""
    cost = "unlimited" if limits.cost_usd is None else _dollars(limits.cost_usd)
    return tuple(
        sorted(
            (
                f"cost {cost}",
                f"seconds {limits.seconds}",
                f"tokens {limits.tokens}",
                f"tool calls {limits.tool_calls}",
                f"turns {limits.turns}",
            )
        )
    )


class EffectsOf:
    """The effects of one project's tasks; what tasks share is read once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._alike: dict[Hashable, Effects] = {}
        self._model = cache(lambda name: [model_reach(model) for model in model_chain(name, project)])
        self._source = cache(lambda id_: source_reach(project.sources[id_]))
        ledger = project.settings.records.branch
        self._destination = cache(lambda id_: destination_reach(project.destinations[id_], ledger_branch=ledger))

    def of(self, task: Task, limits: Limits) -> Effects:
        """`limits` are those in force."""
        if task.prefetch:
            return self._collect(task, limits)
        # Tasks alike in these can touch the same things, and most projects have few such combinations.
        alike = (self._project.model_of(task), task.sources, task.destinations, limits)
        if alike not in self._alike:
            self._alike[alike] = self._collect(task, limits)
        return self._alike[alike]

    def _collect(self, task: Task, limits: Limits) -> Effects:
        tools = (tool for source in task.sources for tool in _visible_tools(self._project.sources[source]))
        parts = [
            *self._model(self._project.model_of(task)),
            *(self._source(source) for source in reached_sources(task)),
            *(self._destination(destination) for destination in task.destinations),
            Effects(tools=(*tools, *map(_prefetched, task.prefetch)), caps=caps(limits)),
        ]
        return _union(parts)


def _visible_tools(source: Source) -> Iterator[str]:
    yield from (f"{source.id}: {pattern}" for pattern in source.allow)
    yield from (f"{source.id}: !{pattern}" for pattern in source.deny)
    requests = source.config.get("allow")
    if isinstance(requests, list | tuple):
        # An API: its tools are requests, and these may be made.
        yield from (f"{source.id}: {request}" for request in requests)


def _prefetched(call: Prefetch) -> str:
    return f"{call.source}: {call.tool} (prefetch) {canonical(call.arguments)}"


def _union(parts: Iterable[Effects]) -> Effects:
    parts = list(parts)
    secrets = {use for part in parts for use in part.secrets}
    texts = {
        kind: tuple(sorted({text for part in parts for text in getattr(part, kind)}))
        for kind in _KINDS
        if kind != "secrets"
    }
    return Effects(**texts, secrets=tuple(sorted(secrets, key=lambda use: (use.name, use.goes_to))))


def _gained(before: tuple[_T, ...], after: tuple[_T, ...]) -> tuple[_T, ...]:
    known = frozenset(before)
    return tuple(item for item in after if item not in known and not _denies(str(item)))


def _undenied(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    """Denials that are gone while something of the same owner is still in reach."""
    reached = {text.partition(": ")[0] for text in after}
    for text in before:
        if _denies(text) and text not in after and text.partition(": ")[0] in reached:
            yield f"{text.replace('!', '', 1)} (no longer denied)"


def _denies(text: str) -> bool:
    return text.partition(": ")[2].startswith("!")


def _wider(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    bounds = dict(map(_bound, before))
    return tuple(cap for cap in after if _bound(cap)[1] > bounds.get(_bound(cap)[0], -1.0))


def _bound(cap: str) -> tuple[str, float]:
    """A cap as its name and number; one that is no number bounds nothing."""
    name, _, amount = cap.rpartition(" ")
    try:
        return name, float(amount.removeprefix("$"))
    except ValueError:
        return name, float("inf")


def _dollars(amount: float) -> str:
    """At least two decimals, and as many more as the amount has."""
    cents = f"${amount:.2f}"
    return cents if float(cents[1:]) == amount else f"${amount:.10f}".rstrip("0")
