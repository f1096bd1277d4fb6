"""A task's definition: what is compared to say that it changed, and in which facets."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from hashlib import sha256
from typing import Any, TypeVar, cast

from octops.model.history import Definition
from octops.model.ids import TaskId, Value
from octops.model.project import Destination, Project, Source
from octops.model.task import Limits, Task
from octops.plan.closure import effective_limits, model_chain, reached_sources, reached_variables, templates_in
from octops.plan.document import digest, document, keys, limits_document, schedule_document
from octops.plan.effects import EffectsOf
from octops.plan.referred import Referred

FACETS = (
    "prompt",
    "model",
    "name",
    "description",
    "schedule",
    "timezone",
    "status",
    "sources",
    "prefetch",
    "skills",
    "destinations",
    "variables",
    "parameters",
    "output",
    "limits",
    "retry",
    "deliver",
    "tags",
    "owner",
)
"""Every facet, in the order of a task's keys. A key left at its default has none, so a new key touches no old task."""

_CLOSED = frozenset({"model", "schedule", "timezone", "status", "sources", "skills", "destinations", "variables"})
_T = TypeVar("_T")


def definition(task: Task, project: Project) -> Definition:
    """The closure of one task. For many tasks keep one `Definitions`: what they share is then hashed once."""
    return Definitions(project).of(task)


def modified(before: Definition, after: Definition) -> tuple[str, ...]:
    """Facets that differ, in the order of a task's keys; those of another octops version come last, sorted."""
    changed = {name for name in {**before.facets, **after.facets} if before.facets.get(name) != after.facets.get(name)}
    return (*(name for name in FACETS if name in changed), *sorted(changed.difference(FACETS)))


class Definitions:
    """The definitions of one project's tasks, each made once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._effects = EffectsOf(project)
        self._referred = Referred(project)
        self._shared: dict[Hashable, Any] = {}
        self._made: dict[TaskId, Definition] = {}

    def of(self, task: Task) -> Definition:
        """Unrendered: the same words give the same hash whatever the clock says."""
        if task.id not in self._made:
            self._made[task.id] = self._definition(task)
        return self._made[task.id]

    def _definition(self, task: Task) -> Definition:
        once = self._once
        limits = effective_limits(task, self._project)
        schedule = task.schedule
        written = document(
            task,
            self._project,
            schedule=once(("schedule", schedule), lambda: schedule_document(schedule)) if schedule else None,
            limits=once(("limits", limits), lambda: limits_document(limits)),
        )
        facets = {key: digest(value) for key, value in written.items() if key not in _CLOSED and key != "limits"}
        facets |= self._closure(task, limits)
        skills = {f"skill:{skill}": self._project.skills[skill].text for skill in task.skills}
        return Definition(
            hash=sha256("\n".join(f"{key}={facets[key]}" for key in sorted(facets)).encode()).hexdigest(),
            facets=facets,
            document=written,
            texts={"prompt": task.prompt, **skills},
            effects=self._effects.of(task, limits),
            referred=self._referred.of(task),
        )

    def _closure(self, task: Task, limits: Limits) -> dict[str, str]:
        """The facets that say more than the task's own file does, or that many tasks share."""
        once, project = self._once, self._project
        model, zone, schedule = project.model_of(task), project.zone_of(task), task.schedule
        facets = {
            "model": once(("model facet", model), lambda: digest(self._model(model))),
            "timezone": once(("timezone facet", zone), lambda: digest(zone)),
            "status": once(("status facet", task.status), lambda: digest(task.status.value)),
            "limits": once(("limits facet", limits), lambda: digest(keys(limits))),
        }
        if schedule:
            facets["schedule"] = once(("schedule facet", schedule), lambda: digest(schedule_document(schedule)))
        if ids := reached_sources(task):
            facets["sources"] = once(("sources facet", ids), lambda: _whole(project.sources[id_] for id_ in ids))
        if task.destinations:
            facets["destinations"] = once(
                ("destinations facet", task.destinations),
                lambda: _whole(project.destinations[id_] for id_ in task.destinations),
            )
        if task.skills:
            facets["skills"] = once(("skills facet", task.skills), lambda: digest(self._skills(task)))
        if variables := reached_variables(task, project, self._templates(task)):
            facets["variables"] = digest(variables)
        return facets

    def _model(self, name: str) -> Value:
        """What a name resolves to, then its fallbacks. The price is left out: it changes no run."""
        return [
            {"model": model.model, "api_base": model.api_base, "api_key": model.api_key, "options": model.options}
            for model in model_chain(name, self._project)
        ]

    def _skills(self, task: Task) -> Value:
        return [[skill, digest(self._project.skills[skill].text)] for skill in task.skills]

    def _templates(self, task: Task) -> list[str]:
        ids, known = task.destinations, self._project.destinations
        if not self._project.settings.variables:
            return []
        sent = self._once(("templates", ids), lambda: [text for id_ in ids for text in templates_in(known[id_].config)])
        asked = [text for call in task.prefetch for text in templates_in(call.arguments)]
        return [*templates_in(task.prompt), *asked, *sent]

    def _once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        if key not in self._shared:
            self._shared[key] = make()
        return cast("_T", self._shared[key])


def _whole(things: Iterable[Source | Destination]) -> str:
    """Full declarations; the file they stand in does not matter."""
    return digest([{key: value for key, value in keys(thing).items() if key != "path"} for thing in things])
