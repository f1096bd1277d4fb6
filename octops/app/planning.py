"""Plans, slots and rendered prompts of a workspace: nothing here runs a task."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from octops.app.workspace import Loaded, Workspace, chosen_tasks, load_project, needed_repository
from octops.errors import Diagnostic, InvalidProject, OctopsError, Severity, UsageError
from octops.model.ids import TaskId
from octops.model.project import Project
from octops.report.words import count

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A plan between two revisions and what it was made from."""

    plan: Plan
    before: Loaded
    after: Loaded


def compare_plan(
    workspace: Workspace, now: datetime, *, base: str, ref: str | None = None, rendered: bool = False
) -> Compared:
    """What changed since the merge base with `base`. Needs no ledger, judges no runs.

    `rendered` adds what the changed prompts say at `now`, for the comment of a pull request.
    """
    from octops.app.as_sent import with_rendered
    from octops.plan.reconcile import compare
    from octops.schedule.zone import tzdata_version

    loaded = load_project(workspace, ref=ref)
    earlier, notes = _base_project(workspace, base, ref)
    plan = compare(earlier.project, loaded.project, now, tzdata=tzdata_version())
    plan = replace(plan, diagnostics=(*loaded.diagnostics, *notes, *plan.diagnostics))
    if rendered:
        plan = with_rendered(plan, earlier.project, loaded.project)
    return Compared(plan=plan, before=earlier, after=loaded)


def make_plan(
    workspace: Workspace,
    now: datetime,
    *,
    ref: str | None = None,
    tasks: Sequence[str] = (),
    refresh: bool = True,
    to_apply: bool = False,
) -> Planned:
    """What would change and run at `now`, against the ledger.

    Without `refresh` nothing leaves this machine: the ledger is taken as this clone saw it last. `to_apply` fetches
    what writing needs as well.
    """
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
        remembered = read_history(ledger, now)
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
    plan = replace(plan, diagnostics=(*loaded.diagnostics, *remembered.diagnostics, *plan.diagnostics))
    return Planned(plan=plan, loaded=loaded, history=history, ledger=ledger)


def _targets(project: Project, history: History, tasks: Sequence[str]) -> set[TaskId] | None:
    """The chosen tasks; one that was deleted can be chosen too, by the name the ledger knows."""
    if not tasks:
        return None
    gone = {TaskId(word) for word in tasks if word not in project.tasks and word in history.heads}
    present = [word for word in tasks if word not in gone]
    return gone | ({task.id for task in chosen_tasks(project, present)} if present else set())


def _base_project(workspace: Workspace, base: str, ref: str | None) -> tuple[Loaded, tuple[Diagnostic, ...]]:
    """The project where the two revisions parted, as a pull request compares; what is wrong in it is not news."""
    from octops.declare.load import declare

    repository = needed_repository(workspace, "--base")
    tip = repository.revision(base)
    parted = repository.merge_base(tip, repository.revision(ref or "HEAD"))
    revision = parted or tip
    notes = () if parted else (_no_merge_base(base),)
    files = repository.files(revision)
    project = Project(tasks={}, revision=revision)
    try:
        project = declare(files, revision=revision).project
    except UsageError:
        pass
    except InvalidProject as error:
        errors = sum(it.severity is Severity.ERROR for it in error.diagnostics)
        notes = (*notes, _base_invalid(base, errors))
    return Loaded(project=project, diagnostics=(), files=files), notes


def _no_merge_base(base: str) -> Diagnostic:
    return Diagnostic(
        severity=Severity.NOTE,
        code="no-merge-base",
        summary=f"this clone does not hold the commit where the branch left `{base}`; compared with its tip instead",
        detail="fetch more history (`git fetch --unshallow`) to compare with the commit where the branches parted",
    )


def _base_invalid(base: str, errors: int) -> Diagnostic:
    return Diagnostic(
        severity=Severity.WARNING,
        code="base-invalid",
        summary=f"the files at `{base}` are not valid ({count(errors, 'error')}), so every task counts as new",
        detail=f"`octops validate --ref {base}` tells what is wrong there",
    )


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
    from octops.run.prompt import messages
    from octops.run.variables import check_parameters, variables_for
    from octops.tokens import estimate_tokens

    project = load_project(workspace, ref=ref).project
    (task,) = chosen_tasks(project, [task_id])
    if problems := check_parameters(task, parameters):
        raise OctopsError(*problems)
    spoken = messages(project, task, variables_for(project, task, built_ins_at(project, task, now), parameters))
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
