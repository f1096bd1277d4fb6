"""Plans, slots and rendered prompts of a workspace: nothing here runs a task."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from octops.app.workspace import Loaded, Workspace, chosen_tasks, load_project
from octops.errors import OctopsError
from octops.model.ids import TaskId
from octops.model.project import Project

if TYPE_CHECKING:
    from octops.ledger.ledger import Ledger
    from octops.model.history import History
    from octops.model.plan import Plan
    from octops.report.render import Rendering
    from octops.report.slots import Firing


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan and what it was made from. `ledger` is None outside git."""

    plan: Plan
    loaded: Loaded
    history: History
    ledger: Ledger | None
    leases_at: datetime | None = None
    """By which time leases were judged; None: by the plan's own."""


def make_plan(
    workspace: Workspace,
    now: datetime,
    *,
    ref: str | None = None,
    tasks: Sequence[str] = (),
    refresh: bool = True,
    to_apply: bool = False,
    leases_at: datetime | None = None,
) -> Planned:
    """What would change and run at `now`, against the ledger.

    Without `refresh` nothing leaves this machine: the ledger is taken as this clone saw it last. `to_apply` fetches
    what writing needs as well. `leases_at` is the real time, where `now` may be another: only that ends a lease.
    """
    from octops.app.own_branches import writes_to_own_branch
    from octops.app.records import open_ledger
    from octops.ledger.history import Remembered, read_history
    from octops.model.history import History
    from octops.plan.definition import Definitions
    from octops.plan.observed import newly_timed
    from octops.plan.reconcile import reconcile
    from octops.schedule.zone import tzdata_version

    loaded = load_project(workspace, ref=ref)
    project = loaded.project
    ledger = None
    remembered = Remembered(history=History())
    if workspace.repository is not None:
        ledger = open_ledger(workspace, project.settings, refresh=refresh, plan_only=not to_apply)
        ledger.as_of = now if to_apply else None
        remembered = read_history(ledger, now, leases_at=leases_at)
    history, targets = remembered.history, _targets(project, remembered.history, tasks)
    definitions = Definitions(project)
    plan = reconcile(
        project,
        history,
        now,
        activations=_activations(workspace, loaded, now, newly_timed(project, history, targets, definitions)),
        tzdata=tzdata_version(),
        targets=targets,
        definitions=definitions,
    )
    own = writes_to_own_branch(workspace.repository, loaded) if workspace.repository is not None else ()
    plan = replace(plan, diagnostics=(*loaded.diagnostics, *own, *remembered.diagnostics, *plan.diagnostics))
    return Planned(plan=plan, loaded=loaded, history=history, ledger=ledger, leases_at=leases_at)


def _targets(project: Project, history: History, tasks: Sequence[str]) -> set[TaskId] | None:
    """The chosen tasks; one that was deleted can be chosen too, by the name the ledger knows."""
    if not tasks:
        return None
    gone = {TaskId(word) for word in tasks if word not in project.tasks and word in history.heads}
    present = [word for word in tasks if word not in gone]
    return gone | ({task.id for task in chosen_tasks(project, present)} if present else set())


def _activations(
    workspace: Workspace, loaded: Loaded, now: datetime, tasks: Collection[TaskId]
) -> Mapping[TaskId, datetime]:
    """Since when each task's schedule counts: its commit in the first-parent history, else now (first seen)."""
    from octops.repository.meaning import read_meaning

    project = loaded.project
    asked = [project.tasks[id_] for id_ in tasks]
    found: Mapping[str, datetime] = {}
    scheduled = {task.path for task in asked if task.schedule}
    if scheduled and workspace.repository is not None and project.revision:
        read = scheduled | {project.settings.path}
        wanted = {file.path: file for file in loaded.files.files if file.path in read}
        found = workspace.repository.activations(wanted, read_meaning, revision=project.revision)
    return {task.id: found.get(task.path, now) for task in asked}


def list_slots(
    workspace: Workspace, ids: Sequence[str], *, after: datetime, until: datetime | None, limit: int | None
) -> tuple[Firing, ...]:
    """When tasks fire after `after` (exclusive) and until `until` (inclusive), sorted by instant and task.

    Without `until`, the next `limit` (10) of each task.
    """
    from octops.report.slots import Firing
    from octops.schedule.slots import slots

    project = load_project(workspace, compared=False).project
    last = until or datetime.max.replace(tzinfo=UTC)
    most = limit if until else limit or 10
    firings = (
        Firing(task=task.id, timezone=project.zone_of(task), scheduled_at=slot)
        for task in chosen_tasks(project, ids)
        if task.schedule is not None
        for slot in islice(slots(task.schedule, project.zone_of(task), after=after, until=last), most)
    )
    return tuple(sorted(firings, key=lambda firing: (firing.scheduled_at, firing.task)))


def render_task(
    workspace: Workspace, task_id: str, now: datetime, *, parameters: Mapping[str, str], ref: str | None = None
) -> Rendering:
    """What the model of a task would be sent for its slot at or before `now` (for `now` itself without a schedule)."""
    from octops.app.as_sent import built_ins_at, slot_of
    from octops.plan.closure import model_chain
    from octops.plan.effects import effects
    from octops.report.render import Rendering
    from octops.run.prompt import messages, not_fetched
    from octops.run.variables import check_parameters, variables_for
    from octops.tokens import estimate_tokens

    project = load_project(workspace, ref=ref).project
    (task,) = chosen_tasks(project, [task_id])
    if problems := check_parameters(task, parameters):
        raise OctopsError(*problems)
    variables = variables_for(project, task, built_ins_at(project, task, now), parameters)
    spoken = messages(project, task, variables, not_fetched(task, variables))
    return Rendering(
        task=task.id,
        model=model_chain(project.model_of(task), project)[0].model,
        messages=spoken,
        skills=task.skills,
        tools=effects(task, project).tools,
        input_tokens=sum(estimate_tokens(message.text) for message in spoken),
        scheduled_at=slot_of(project, task, now),
        timezone=project.zone_of(task),
    )
