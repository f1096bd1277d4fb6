"""Every task beside what the ledger remembers of it, whatever its id was then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from octops.model.history import Definition, Head, History, OpenRun
from octops.model.ids import TaskId
from octops.model.project import Project
from octops.model.task import Task
from octops.plan.definition import Definitions
from octops.plan.renames import moves
from octops.plan.taken import lost

_TIMING = ("schedule", "timezone", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One task of the project. `open_runs` are those that keep its slots from being started again."""

    task: Task
    definition: Definition
    head: Head | None
    activated_at: datetime
    open_runs: tuple[OpenRun, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What one plan is about. `moved` is new id → old id; `heads` are those of the ledger, under their own ids."""

    tasks: Mapping[TaskId, Observed]
    heads: Mapping[TaskId, Head]
    moved: Mapping[TaskId, TaskId]
    open_runs: tuple[OpenRun, ...]

    def gone(self, task: TaskId) -> str:
        """Why a task asks no model any more; empty: it is active."""
        if task in self.tasks:
            return "" if self.tasks[task].task.active else "paused"
        return "moved" if task in self.moved.values() else "deleted"


def observe(
    project: Project,
    history: History,
    now: datetime,
    activations: Mapping[TaskId, datetime],
    targets: Collection[TaskId] | None,
    definitions: Definitions,
) -> Scene:
    """The part of project and history that `targets` (None: everything) are about."""
    moved = _moved(project, history, targets)
    wanted = None if targets is None else {*targets, *moved.values()}
    heads = {id_: head for id_, head in history.heads.items() if wanted is None or id_ in wanted}
    open_runs = tuple(run for run in history.open_runs if wanted is None or run.task in wanted)
    by_task: dict[TaskId, list[OpenRun]] = {}
    for run in open_runs:
        by_task.setdefault(run.task, []).append(run)

    def observed(task: Task) -> Observed:
        definition, old = definitions.of(task), moved.get(task.id, task.id)
        head = heads.get(old)
        inherited = by_task.get(old, ()) if old != task.id else ()
        return Observed(
            task=task,
            definition=definition,
            head=head,
            activated_at=_activated_at(task, definition, head, activations, now),
            # What was lost under the old id is started again under the new one.
            open_runs=(*by_task.get(task.id, ()), *(run for run in inherited if not lost(run, now))),
        )

    tasks = {id_: observed(task) for id_, task in project.tasks.items() if targets is None or id_ in targets}
    return Scene(tasks=tasks, heads=heads, moved=moved, open_runs=open_runs)


def newly_timed(
    project: Project, history: History, targets: Collection[TaskId] | None, definitions: Definitions
) -> frozenset[TaskId]:
    """The tasks whose slots count from a moment that no head knows: only their activations are looked at."""
    moved, heads = _moved(project, history, targets), history.heads
    return frozenset(
        id_
        for id_, task in project.tasks.items()
        if (targets is None or id_ in targets)
        and not _same_timing(definitions.of(task), heads.get(moved.get(id_, id_)))
    )


def _moved(project: Project, history: History, targets: Collection[TaskId] | None) -> dict[TaskId, TaskId]:
    found = moves(project.settings.moved, history.heads, project.tasks)
    return {new: old for new, old in found.items() if targets is None or new in targets}


def _activated_at(
    task: Task, definition: Definition, head: Head | None, activations: Mapping[TaskId, datetime], now: datetime
) -> datetime:
    """Since when its slots count: a prompt edit does not move it, a new schedule, zone or status does."""
    if head and _same_timing(definition, head):
        return head.activated_at
    return activations.get(task.id, now)


def _same_timing(definition: Definition, head: Head | None) -> bool:
    return head is not None and all(definition.facets.get(it) == head.definition.facets.get(it) for it in _TIMING)
