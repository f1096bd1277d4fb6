"""Project, history and now become a plan; so do two revisions of a project."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from octops.errors import Diagnostic, Location, Severity
from octops.model.history import Definition, History
from octops.model.ids import TaskId
from octops.model.plan import Change, Estimate, Plan, Upcoming
from octops.model.project import Project
from octops.plan.calendar import Calendar
from octops.plan.changes import Comparison
from octops.plan.definition import Definitions
from octops.plan.estimate import Estimates
from octops.plan.judge import Judge
from octops.plan.observed import Scene, observe
from octops.plan.renames import moves
from octops.plan.setting_digests import settings_digests
from octops.plan.suspects import suspects


def reconcile(
    project: Project,
    history: History,
    now: datetime,
    *,
    activations: Mapping[TaskId, datetime],
    tzdata: str,
    targets: Collection[TaskId] | None = None,
    definitions: Definitions | None = None,
) -> Plan:
    """What would change, and what would run.

    `activations` says since when the schedules of new and rescheduled tasks count; a task it lacks counts from `now`.
    `targets` limits the plan to these tasks. `definitions` of the project saves making them again.
    """
    now = now.astimezone(UTC)
    scene = observe(project, history, now, activations, targets, definitions or Definitions(project))
    spent = tuple(_spent_budgets(project, history))
    judge = Judge(project, scene, now, solvent=not spent)
    comparison = _comparison(scene)
    changes = comparison.changes()
    runs = judge.runs()
    return Plan(
        changes=tuple(_estimated(change, judge) for change in changes),
        runs=runs,
        upcoming=tuple(judge.upcoming(runs)),
        revision=project.revision,
        dirty=project.dirty,
        ledger=history.tip,
        as_of=now,
        tzdata=tzdata,
        diagnostics=(*spent, *comparison.notes(project.tasks)),
        unchanged=len(scene.tasks) - sum(change.after is not None for change in changes),
        activations={id_: seen.activated_at for id_, seen in scene.tasks.items()},
        settings=settings_digests(project.settings),
    )


def compare(
    base: Project, project: Project, now: datetime, *, tzdata: str, targets: Collection[TaskId] | None = None
) -> Plan:
    """What changed from `base` to `project`, of all tasks or of `targets`.

    No run is judged; `upcoming` tells of the changed tasks only.
    """
    now = now.astimezone(UTC)
    wanted = {*base.tasks, *project.tasks} if targets is None else set(targets)
    found = moves(project.settings.moved, base.tasks, project.tasks)
    moved = {new: old for new, old in found.items() if new in wanted}
    differing = suspects(base, project) & {*wanted, *moved.values()}
    comparison = Comparison(before=_definitions(base, differing), after=_definitions(project, differing), moved=moved)
    calendar = Calendar(now)
    before, after = Estimates(base, calendar), Estimates(project, calendar)
    changes = tuple(
        replace(
            change,
            estimate=_estimate(after, project, change.task, change.after),
            estimate_before=_estimate(before, base, change.moved_from or change.task, change.before),
        )
        for change in comparison.changes()
    )
    changed = [change.task for change in changes if change.after]
    return Plan(
        changes=changes,
        upcoming=tuple(_upcoming(project, changed, calendar)),
        revision=project.revision,
        dirty=project.dirty,
        base=base.revision,
        as_of=now,
        tzdata=tzdata,
        diagnostics=comparison.notes(project.tasks),
        unchanged=len(wanted & project.tasks.keys()) - len(changed),
    )


def _comparison(scene: Scene) -> Comparison:
    return Comparison(
        before={id_: head.definition for id_, head in scene.heads.items()},
        after={id_: seen.definition for id_, seen in scene.tasks.items()},
        moved=scene.moved,
    )


def _estimated(change: Change, judge: Judge) -> Change:
    return replace(
        change,
        estimate=judge.estimate(change.task) if change.after else None,
        estimate_before=judge.estimate_before(change.task) if change.before else None,
    )


def _spent_budgets(project: Project, history: History) -> Iterator[Diagnostic]:
    budget = project.settings.budget
    for name, limit, spent in (
        ("day_usd", budget.day_usd, history.spent_day_usd),
        ("month_usd", budget.month_usd, history.spent_month_usd),
    ):
        if limit is not None and spent >= limit:
            yield Diagnostic(
                severity=Severity.WARNING,
                code="budget-spent",
                summary=f"the budget `{name}` of ${limit:.2f} is used up: ${spent:.2f} are spent",
                detail="what is due waits; raise the budget in octops.yaml to run it now",
                location=Location(filename=project.settings.path),
            )


def _definitions(project: Project, wanted: set[TaskId]) -> dict[TaskId, Definition]:
    definitions = Definitions(project)
    return {id_: definitions.of(task) for id_, task in project.tasks.items() if id_ in wanted}


def _estimate(estimates: Estimates, project: Project, task: TaskId, definition: Definition | None) -> Estimate | None:
    return estimates.of(project.tasks[task], definition) if definition else None


def _upcoming(project: Project, changed: list[TaskId], calendar: Calendar) -> Iterator[Upcoming]:
    for id_ in changed:
        task = project.tasks[id_]
        if task.active and task.schedule:
            zone = project.zone_of(task)
            yield Upcoming(task=id_, timezone=zone, slots=calendar.ahead(task.schedule, zone).slots)
