"""Definitions compared: what is created, updated, deleted, renamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from octops.errors import Diagnostic
from octops.model.history import Definition
from octops.model.ids import TaskId
from octops.model.plan import Change, ChangeAction
from octops.model.task import Task
from octops.plan.definition import modified
from octops.plan.effects import new_effects
from octops.plan.renames import suggestions


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sets of definitions. `moved` is new id → old id; ids absent on both sides of it are left out."""

    before: Mapping[TaskId, Definition]
    after: Mapping[TaskId, Definition]
    moved: Mapping[TaskId, TaskId] = field(default_factory=dict)

    def earlier(self, task: TaskId) -> Definition | None:
        """What a task was, under whatever id."""
        return self.before.get(self.moved.get(task, task))

    @property
    def deleted(self) -> dict[TaskId, Definition]:
        kept = {*self.after, *self.moved.values()}
        return {task: definition for task, definition in self.before.items() if task not in kept}

    @property
    def created(self) -> dict[TaskId, Definition]:
        return {task: definition for task, definition in self.after.items() if self.earlier(task) is None}

    def changes(self) -> tuple[Change, ...]:
        """Sorted by task, without estimates; unchanged tasks are left out."""
        deletes = (
            Change(task=task, action=ChangeAction.DELETE, before=definition, reason="not_declared")
            for task, definition in self.deleted.items()
        )
        return tuple(sorted((*self._kept(), *deletes), key=lambda change: change.task))

    def notes(self, tasks: Mapping[TaskId, Task]) -> tuple[Diagnostic, ...]:
        """Renames that octops.yaml could tell of; `tasks` are those of `after`."""
        return suggestions(self.deleted, self.created, tasks)

    def _kept(self) -> Iterator[Change]:
        for task, after in self.after.items():
            before = self.earlier(task)
            if before is None:
                effects = after.effects
                yield Change(task=task, action=ChangeAction.CREATE, after=after, effects=effects, new_effects=effects)
            elif before.hash != after.hash or task in self.moved:
                yield Change(
                    task=task,
                    # What is only renamed is moved and nothing else.
                    action=ChangeAction.NO_OP if before.hash == after.hash else ChangeAction.UPDATE,
                    before=before,
                    after=after,
                    modified=modified(before, after),
                    moved_from=self.moved.get(task),
                    effects=after.effects,
                    new_effects=new_effects(before.effects, after.effects),
                )
