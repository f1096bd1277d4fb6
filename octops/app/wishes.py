"""What is asked of an apply beyond its plan, what is refused before anything is spent, and what was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from octops.app.planning import Planned
from octops.errors import Diagnostic, OctopsError, Severity, UsageError
from octops.local.weights import PROVIDER, is_local
from octops.model.ids import TaskId
from octops.model.plan import Change, ChangeAction, RunAction
from octops.model.project import Project
from octops.model.run import DeliveryStatus, ModelError, Record, RunStatus
from octops.plan.closure import model_chain
from octops.report.words import count, duration

if TYPE_CHECKING:
    from octops.plan.shards import Shard
    from octops.run.errand import Errand
    from octops.run.runner import Carried


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person asked for beyond the plan itself."""

    definitions: bool = True
    runs: bool = True
    prune: bool = False
    allow_empty: bool = False
    parallelism: int | None = None
    max_cost_usd: float | None = None
    start_within: timedelta | None = None
    """No run is started later than this after the apply began."""
    shard: Shard | None = None
    """Which of several applies this one is; None: the only one."""


@dataclass(slots=True)
class Applied:
    """What was done. Filled while it is done, so that an interruption can still be told truthfully."""

    definitions: list[Change] = field(default_factory=list)
    not_pruned: list[TaskId] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Addresses somebody else changed in the meantime."""
    skipped: list[Record] = field(default_factory=list)
    carried: Carried | None = None
    interrupted: bool = False
    started: int = 0
    """Runs that were claimed, whatever became of them."""
    notes: list[Diagnostic] = field(default_factory=list)
    """What did not go as well as it might, and is no failure."""

    @property
    def nothing_run(self) -> bool:
        """The ledger took no claim: nothing was spent, and what is due is due next time."""
        return bool(self.carried and self.carried.broken and not self.started)

    @property
    def troubled(self) -> bool:
        """A run failed, a delivery did not arrive, or the ledger could not be written for one."""
        if self.carried is None:
            return False
        records = self.carried.records
        failed = any(record.status is RunStatus.FAILED for record in records)
        return bool(failed or self.carried.broken or any(map(_undelivered, records)))


def _undelivered(record: Record) -> bool:
    return any(it.status in (DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN) for it in record.deliveries)


def check_wishes(planned: Planned, wishes: Wishes) -> None:
    """Raises UsageError for a plan that is refused whole, before anything is written or spent."""
    gone = [change for change in planned.plan.changes if change.action is ChangeAction.DELETE]
    if gone and not planned.loaded.project.tasks and not wishes.allow_empty:
        raise UsageError(
            f"no task is declared any more, and the ledger knows {count(len(gone), 'task')}",
            code="empty-project",
            detail="if that is meant, add `--allow-empty`; otherwise look at the directory and the branch",
        )


def check_clock(planned: Planned, now: datetime, given: datetime | None) -> None:
    """Raises UsageError where `now`, the real time by which leases are given, is before the ledger: others would take
    the runs over at once. The same where the `--now` that was `given` is before what an apply has judged already.
    """
    marker = planned.ledger.marker if planned.ledger else None
    if given is not None and marker is not None and marker.as_of is not None and marker.as_of > given:
        raise UsageError(
            f"an apply has judged what was due at {marker.as_of:%Y-%m-%d %H:%M} UTC, "
            f"and `--now` is before that: {given:%Y-%m-%d %H:%M} UTC",
            code="ledger-newer",
            detail="leave out `--now`, or give a later time; `octops plan --now` looks at any time",
        )
    newest = planned.ledger.newest() if planned.ledger else None
    if newest is not None and newest > now + timedelta(minutes=5):
        raise UsageError(
            f"the ledger was written at {newest:%Y-%m-%d %H:%M} UTC, "
            f"and by this machine's clock it is before that: {now:%Y-%m-%d %H:%M} UTC",
            code="clock-behind",
            detail="set the clocks of all runners by the network (NTP): leases are judged by them",
        )


def clock_ahead(planned: Planned, now: datetime) -> tuple[Diagnostic, ...]:
    """A warning for a plan whose time, by its `--now`, is far ahead of the real time `now`."""
    ahead = planned.plan.as_of - now
    if ahead <= timedelta(days=1):
        return ()
    return (
        Diagnostic(
            severity=Severity.WARNING,
            code="clock-ahead",
            summary=f"this plan was made for a time {duration(ahead.total_seconds())} ahead of this machine's clock",
            detail="every slot up to then ends with this apply, and none runs when its time comes; look at `--now`",
        ),
    )


def check_keys(planned: Planned, errands: Sequence[Errand]) -> None:
    """Raises when not one of the runs that need a model has a usable key: then nothing may be started."""
    from octops.app.site import secrets_of

    missing: dict[str, ModelError] = {}
    answered = {run.id for run in planned.plan.runs if run.reason == "open_delivery"}
    asking = [errand.task for errand in errands if errand.task is not None and errand.run not in answered]
    secrets = secrets_of(planned.loaded.project)
    for task in asking:
        try:
            _usable(task.id, planned.loaded.project, secrets)
        except ModelError as error:
            missing[task.id] = error
    if asking and len(missing) == len({task.id for task in asking}):
        raise OctopsError(*dict.fromkeys(_no_key(error) for error in missing.values()))


def _usable(task: TaskId, project: Project, secrets: Mapping[str, str]) -> None:
    from octops.run.endpoint import endpoint

    first: ModelError | None = None
    for alias in model_chain(project.model_of(project.tasks[task]), project):
        try:
            if is_local(alias.model):
                from octops.local.model import ready

                ready(alias.model)
            else:
                endpoint(alias, secrets)
        except ModelError as error:
            first = first or error
        else:
            return
    if first is not None:
        raise first


def _no_key(error: ModelError) -> Diagnostic:
    if error.provider == PROVIDER:
        return Diagnostic(code="no-model", summary=error.failure.message, detail=error.failure.hint)
    return Diagnostic(
        code="no-key",
        summary=error.failure.message,
        detail="set the variable; or name another model in octops.yaml: a server of your own by `api_base`, "
        "or one that runs on this machine (`octops model list`)",
    )


def errands_of(planned: Planned, wishes: Wishes) -> list[Errand]:
    """Open deliveries first, then runs somebody left, then due slots: each group by slot and task."""
    from octops.run.errand import Errand

    if not wishes.runs:
        return []
    project = planned.loaded.project
    runs = [run for run in planned.plan.runs if run.action in (RunAction.RUN, RunAction.RESUME)]
    order = {"open_delivery": 0, "lease_expired": 1}
    runs.sort(key=lambda run: order.get(run.reason, 2))
    open_runs = {run.id for run in planned.history.open_runs}
    waiting = waiting_tasks(planned, wishes)
    return [
        Errand(
            run=run.id,
            task=project.tasks.get(run.task),
            scheduled_at=run.scheduled_at,
            name=run.name,
            window_start=run.window_start,
            is_catch_up=run.is_catch_up,
            parameters={},
            take_over=run.id in open_runs,
        )
        for run in runs
        if run.task not in waiting
    ]


def waiting_tasks(planned: Planned, wishes: Wishes) -> frozenset[TaskId]:
    """Tasks without a head of their name, where none is to be written: nothing would remember which slots are settled.

    They are new, or were renamed.
    """
    if wishes.definitions:
        return frozenset()
    changes = planned.plan.changes
    return frozenset(it.task for it in changes if it.action is ChangeAction.CREATE or it.moved_from)


def definitions_first(planned: Planned, waiting: Collection[TaskId]) -> tuple[Diagnostic, ...]:
    """A note where something was planned for tasks that wait."""
    held = sorted({run.task for run in planned.plan.runs if run.task in waiting})
    if not held:
        return ()
    names = ", ".join(f"`{task}`" for task in held)
    return (
        Diagnostic(
            severity=Severity.NOTE,
            code="definitions-first",
            summary=f"the ledger does not know {names} by this name yet: with `--only runs` nothing of it is run",
            detail="`octops apply --only definitions` writes it down; then its runs are due as planned",
        ),
    )
