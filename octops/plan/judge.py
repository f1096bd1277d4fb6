"""The runs of a plan: what was started and is taken up, what is due, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from octops.model.effects import Effects
from octops.model.ids import TaskId
from octops.model.plan import Estimate, PlannedRun, RunAction, Upcoming
from octops.model.project import Project
from octops.model.task import TaskStatus
from octops.plan.calendar import Calendar
from octops.plan.due import Progress, Timetable, due
from octops.plan.estimate import Estimates
from octops.plan.observed import Observed, Scene
from octops.plan.taken import taken_up

_TOUCHES = (RunAction.RUN, RunAction.RESUME)


class Judge:
    """Judges the runs of one scene. `solvent` False: a budget is used up, and only what is free may start."""

    def __init__(self, project: Project, scene: Scene, now: datetime, *, solvent: bool) -> None:
        self._project = project
        self._scene = scene
        self._now = now
        self._solvent = solvent
        self._calendar = Calendar(now)
        self._estimates = Estimates(project, self._calendar)
        self.estimate = cache(self._estimate)

    def runs(self) -> tuple[PlannedRun, ...]:
        """By slot and task; runs that have a name and no slot come first."""
        found = [*self._taken_up(), *(run for seen in self._scene.tasks.values() for run in self._due(seen))]
        return tuple(sorted(found, key=_order))

    def upcoming(self, runs: Iterable[PlannedRun]) -> Iterator[Upcoming]:
        """The next slots of every active task with a schedule."""
        busy = {run.task for run in runs if run.action is not RunAction.SKIP}
        for id_, seen in self._scene.tasks.items():
            if seen.task.active and seen.task.schedule:
                zone = self._project.zone_of(seen.task)
                slots = self._calendar.ahead(seen.task.schedule, zone).slots
                left = slots or seen.open_runs or id_ in busy
                yield Upcoming(
                    task=id_, timezone=zone, slots=slots, status=TaskStatus.ACTIVE if left else TaskStatus.COMPLETED
                )

    def estimate_before(self, task: TaskId) -> Estimate | None:
        """Of what was last applied; None when nothing was."""
        seen = self._scene.tasks.get(task)
        if seen is None:
            return self._estimates.before(self._scene.heads[task])
        return self._estimates.before(seen.head, seen.task, seen.definition) if seen.head else None

    def _estimate(self, task: TaskId) -> Estimate:
        seen = self._scene.tasks[task]
        return self._estimates.of(seen.task, seen.definition, seen.head)

    def _may_spend(self, task: TaskId) -> bool:
        return self._solvent or (task in self._scene.tasks and self.estimate(task).cost_usd == 0)

    def _taken_up(self) -> Iterator[PlannedRun]:
        for run in self._scene.open_runs:
            task, gone = run.task, self._scene.gone(run.task)
            planned = taken_up(run, self._now, gone=gone, may_spend=self._may_spend(task))
            if planned is None:
                continue
            if planned.action not in _TOUCHES:
                yield planned
                continue
            seen = self._scene.tasks.get(task)
            yield replace(
                planned,
                effects=self._effects(task),
                estimate=self.estimate(task) if planned.reason == "lease_expired" else None,
                window_start=self._window_start(seen, run.scheduled_at) if seen else None,
            )

    def _due(self, seen: Observed) -> Iterator[PlannedRun]:
        task, schedule, head = seen.task, seen.task.schedule, seen.head
        if not task.active or not schedule:
            return
        table = Timetable(
            task=task.id,
            schedule=schedule,
            zone=self._project.zone_of(task),
            may_spend=self._may_spend(task.id),
        )
        progress = Progress(
            activated_at=seen.activated_at,
            settled_until=head.settled_until if head else None,
            settled=head.settled if head else (),
            open_runs=seen.open_runs,
        )
        for run in due(table, progress, self._now, self._calendar):
            touches = run.action in _TOUCHES
            yield (replace(run, effects=seen.definition.effects, estimate=self.estimate(task.id)) if touches else run)

    def _effects(self, task: TaskId) -> Effects:
        """A task that is gone can still touch what it could when it was last applied."""
        if task in self._scene.tasks:
            return self._scene.tasks[task].definition.effects
        head = self._scene.heads.get(task)
        return head.definition.effects if head else Effects()

    def _window_start(self, seen: Observed, slot: datetime | None) -> datetime | None:
        if slot is None or seen.task.schedule is None:
            return None
        return self._calendar.before(seen.task.schedule, self._project.zone_of(seen.task), slot)


def _order(run: PlannedRun) -> tuple[datetime, str, str]:
    return (run.scheduled_at or datetime.min.replace(tzinfo=UTC), run.task, run.name)
