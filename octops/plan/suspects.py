"""Tasks that may differ between two revisions, found without hashing any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from octops.model.ids import TaskId
from octops.model.project import Project
from octops.plan.closure import reached_sources


def suspects(base: Project, project: Project) -> set[TaskId]:
    """Every task that changed, and some that did not: so a small pull request to many tasks hashes only a few."""
    settled = replace(base.settings, moved={}) == replace(project.settings, moved={})
    skills = _differing(base.skills, project.skills)
    sources = _differing(base.sources, project.sources)
    destinations = _differing(base.destinations, project.destinations)

    def alike(id_: TaskId) -> bool:
        task = project.tasks.get(id_)
        return (
            settled
            and task is not None
            and base.tasks.get(id_) == task
            and skills.isdisjoint(task.skills)
            and destinations.isdisjoint(task.destinations)
            and sources.isdisjoint(reached_sources(task))
        )

    return {id_ for id_ in {**base.tasks, **project.tasks} if not alike(id_)}


def _differing(before: Mapping[Any, object], after: Mapping[Any, object]) -> set[Any]:
    return {id_ for id_ in {**before, **after} if before.get(id_) != after.get(id_)}
