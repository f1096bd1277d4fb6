"""Which of the changed tasks a preview runs, at which slot, and why it leaves the others out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from octops.app.as_sent import slot_of
from octops.app.workspace import chosen_tasks
from octops.errors import Diagnostic, OctopsError
from octops.model.ids import TaskId, run_id
from octops.model.plan import Change, ChangeAction
from octops.model.project import Project
from octops.model.task import Task
from octops.report.preview import Preview

RUN_NAME = "preview"
"""What the run of a task without a slot is called."""
_QUIET = frozenset(
    (
        *("name", "description", "schedule", "timezone", "status"),
        *("destinations", "retry", "deliver", "tags", "owner"),
    )
)
"""Facets that do not reach the model."""
_TOLD: Mapping[str, frozenset[str]] = {
    "name": frozenset(("task_name",)),
    "timezone": frozenset(
        (
            *("timezone", "scheduled_at", "scheduled_date", "scheduled_time", "current_date", "current_time", "now"),
            *("previous_run_at", "window_start", "window_end"),
        )
    ),
}
"""Facets that reach it after all where one of these variables is used."""


def choose(
    project: Project, changes: Iterable[Change], ids: Sequence[str], parameters: Mapping[str, str], now: datetime
) -> dict[TaskId, Preview]:
    """Every changed task (of `ids`, where there are any) sorted by id; those with a reason are not run.

    A paused task is run like any other: what it would say is asked before it is switched on. Raises for tasks that do
    not exist, and for parameters that no task to be run declares.
    """
    asked = _asked(project, changes, ids)
    previews = {id_: _preview(project, id_, asked[id_], parameters, now) for id_ in sorted(asked)}
    declared = {name for id_, it in previews.items() if not it.reason for name in project.tasks[id_].parameters}
    if unknown := [name for name in parameters if name not in declared]:
        raise OctopsError(*map(_no_parameter, unknown))
    return previews


def _asked(project: Project, changes: Iterable[Change], ids: Sequence[str]) -> dict[TaskId, Change | None]:
    """None for a task that was asked for and did not change."""
    by_task = {change.task: change for change in changes}
    if not ids:
        return dict(by_task)
    present = [word for word in ids if TaskId(word) not in by_task]
    unchanged = [task.id for task in chosen_tasks(project, present)] if present else []
    return {**{task: it for task, it in by_task.items() if task in ids}, **dict.fromkeys(unchanged)}


def _preview(
    project: Project, id_: TaskId, change: Change | None, parameters: Mapping[str, str], now: datetime
) -> Preview:
    if change is None:
        return Preview(task=id_, action=ChangeAction.NO_OP, reason="it has not changed")
    told = Preview(task=id_, action=change.action, modified=change.modified, moved_from=change.moved_from)
    if change.after is None:
        return replace(told, reason="it is deleted")
    task = project.tasks[id_]
    if reason := _unheard(task, change) or _ungiven(task, parameters):
        return replace(told, reason=reason)
    slot = slot_of(project, task, now)
    return replace(
        told,
        run=run_id(id_, slot or RUN_NAME),
        scheduled_at=slot,
        timezone=project.zone_of(task),
        format=task.output.format,
    )


def _unheard(task: Task, change: Change) -> str:
    """Why the model would not notice the change; empty when it can."""
    if change.action is ChangeAction.CREATE or any(_heard(task, facet) for facet in change.modified):
        return ""
    return f"only its {_words(change.modified)} changed" if change.modified else "it is only renamed"


def _heard(task: Task, facet: str) -> bool:
    return facet not in _QUIET or (facet in _TOLD and not _TOLD[facet].isdisjoint(_variables(task)))


def _variables(task: Task) -> frozenset[str]:
    """The variables in what the model is sent."""
    from octops.plan.closure import templates_in
    from octops.template import names

    arguments = [text for call in task.prefetch for text in templates_in(call.arguments)]
    return frozenset().union(*map(names, (task.prompt, *arguments)))


def _ungiven(task: Task, parameters: Mapping[str, str]) -> str:
    missing = [
        name for name, it in task.parameters.items() if name not in parameters and (it.required or it.default is None)
    ]
    return f"it needs {_words(f'`--param {name}=…`' for name in missing)}" if missing else ""


def _words(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _no_parameter(name: str) -> Diagnostic:
    summary = f"no task to be previewed declares a parameter `{name}`"
    return Diagnostic(code="unknown-parameter", summary=summary, detail="leave it out, or choose another task")
