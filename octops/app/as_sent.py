"""Prompts with their placeholders filled in, as they would be sent at one instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from octops.model.ids import run_id
from octops.report.texts import RENDERED

if TYPE_CHECKING:
    from octops.model.history import Definition
    from octops.model.ids import TaskId
    from octops.model.plan import Change, Plan
    from octops.model.project import Project
    from octops.model.task import Task


def slot_of(project: Project, task: Task, now: datetime) -> datetime | None:
    """The newest slot at or before `now`; None without a schedule."""
    from octops.schedule.slots import previous_slot

    return previous_slot(task.schedule, project.zone_of(task), now + timedelta(seconds=1)) if task.schedule else None


def built_ins_at(project: Project, task: Task, now: datetime) -> Mapping[str, str]:
    """The built-in variables of the task's newest slot (of `now` itself without a schedule)."""
    from octops.run.variables import moment
    from octops.schedule.slots import previous_slot
    from octops.schedule.zone import zone

    name, slot = project.zone_of(task), slot_of(project, task, now)
    return moment(
        task,
        zone(name),
        run=run_id(task.id, slot or now),
        now=now,
        scheduled_at=slot,
        window_start=previous_slot(task.schedule, name, slot) if task.schedule and slot else None,
    )


def with_rendered(plan: Plan, base: Project, project: Project) -> Plan:
    """The plan with the rendered prompts of its changed tasks among their texts, both sides at the plan's instant.

    A prompt without placeholders is not repeated, and one that cannot be rendered is left out: no plan fails for it.
    """
    return replace(plan, changes=tuple(_rendered(change, base, project, plan.as_of) for change in plan.changes))


def _rendered(change: Change, base: Project, project: Project, now: datetime) -> Change:
    before = _prompt(base, change.moved_from or change.task, now) if change.before else ""
    after = _prompt(project, change.task, now) if change.after else ""
    written = [it.texts.get("prompt", "") for it in (change.before, change.after) if it]
    if change.after is None or not after or [text for text in (before, after) if text] == written:
        return change
    earlier = _with(change.before, before) if change.before and before else change.before
    return replace(change, before=earlier, after=_with(change.after, after))


def _with(definition: Definition, text: str) -> Definition:
    return replace(definition, texts={**definition.texts, RENDERED: text})


def _prompt(project: Project, id_: TaskId, now: datetime) -> str:
    """Parameters nobody gave yet stand as they are written; empty for a prompt that cannot be rendered."""
    from octops.run.variables import variables_for
    from octops.template import TemplateError, render

    task = project.tasks.get(id_)
    if task is None:
        return ""
    asked = {name: f"<<{name}>>" for name, parameter in task.parameters.items() if parameter.default is None}
    try:
        return render(task.prompt, variables_for(project, task, built_ins_at(project, task, now), asked))
    except TemplateError:
        return ""
