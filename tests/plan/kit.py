"""Small projects and histories to plan with: one task, `digest`, every day at 18:00 in New York."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from octops.model.history import Head, History, OpenRun
from octops.model.ids import TaskId, run_id
from octops.model.plan import Plan, RunAction
from octops.model.project import Project, Settings
from octops.model.task import Frequency, Schedule, Task, TaskStatus
from octops.plan.definition import definition
from octops.plan.reconcile import reconcile
from octops.plan.settled import settled_until

DAILY = Schedule(frequency=Frequency.DAILY, at=("18:00",))
HOURLY = Schedule(frequency=Frequency.HOURLY, at=(":00",))
EVERY_MINUTE = Schedule(frequency=Frequency.CRON, cron="* * * * *")
NEW_YORK = "America/New_York"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def task(id_: str = "digest", **changes: Any) -> Task:
    given = {"prompt": "Write.", "schedule": DAILY, "timezone": NEW_YORK, "model": "local/tiny", **changes}
    return Task(id=TaskId(id_), path=f"tasks/{id_}.yaml", **given)


def project(*tasks: Task, **changes: Any) -> Project:
    """A project of these tasks; every keyword is an attribute of Project."""
    return Project(tasks={task.id: task for task in tasks}, **{"settings": Settings(), **changes})


def head(of: Task, within: Project, activated: str, **changes: Any) -> Head:
    return Head(definition=definition(of, within), activated_at=at(activated), **changes)


def open_run(
    slot: str = "", *, task_id: str = "digest", name: str = "", phase: str = "claimed", lease_until: str
) -> OpenRun:
    scheduled_at = at(slot) if slot else None
    return OpenRun(
        id=run_id(task_id, scheduled_at or name),
        task=TaskId(task_id),
        scheduled_at=scheduled_at,
        phase=phase,
        attempt=1,
        runner="there",
        lease_until=at(lease_until),
    )


def plan_of(declared: Project, now: str, history: History | None = None, **options: Any) -> Plan:
    given = {"activations": {}, "tzdata": "2026a", **options}
    return reconcile(declared, history or History(), at(now), **given)


def plan_at(
    now: str,
    *,
    last: str,
    schedule: Schedule | None = DAILY,
    zone: str = NEW_YORK,
    active: bool = True,
    settled: Sequence[str] = (),
    open_runs: Sequence[OpenRun] = (),
    **policy: Any,
) -> list[str]:
    """What is planned for one task whose slots have ended up to `last`: `id`, or `action reason id` when not run."""
    one = task(
        schedule=replace(schedule, **policy) if schedule else None,
        timezone=zone,
        status=TaskStatus.ACTIVE if active else TaskStatus.PAUSED,
    )
    declared = project(one)
    known = head(one, declared, last, settled_until=at(last), settled=tuple(map(at, settled)))
    plan = plan_of(declared, now, History(heads={one.id: known}, open_runs=tuple(open_runs)))
    return [
        run.id if run.action is RunAction.RUN else f"{run.action} {run.reason} {run.id} ({len(run.covers)})"
        for run in plan.runs
    ]


def applied(plan: Plan, declared: Project, history: History) -> History:
    """The history after everything the plan lists has been done."""
    heads = {id_: _settled(one, plan, declared, history.heads.get(id_)) for id_, one in declared.tasks.items()}
    touched = {run.id for run in plan.runs if run.action is not RunAction.BLOCKED}
    return replace(history, heads=heads, open_runs=tuple(run for run in history.open_runs if run.id not in touched))


def _settled(one: Task, plan: Plan, declared: Project, before: Head | None) -> Head:
    now = definition(one, declared)
    activated_at = plan.activations[one.id]
    known = before or Head(definition=now, activated_at=activated_at)
    known = replace(known, definition=now, activated_at=activated_at)
    mine = [run for run in plan.runs if run.task == one.id and run.scheduled_at]
    ended = [run.scheduled_at for run in mine if run.action in (RunAction.RUN, RunAction.RESUME) and run.scheduled_at]
    skipped = [run.scheduled_at for run in mine if run.action is RunAction.SKIP and run.scheduled_at]
    until = settled_until(known, ended, skipped=skipped, schedule=one.schedule, zone=declared.zone_of(one))
    left = sorted({slot for slot in (*known.settled, *ended) if until is None or slot > until})
    return replace(known, settled_until=until, settled=tuple(left))
