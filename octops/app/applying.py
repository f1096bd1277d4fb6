"""A plan carried out: definitions noted, slots skipped, runs done. The caller has shown it and was told to go on."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from octops import __version__
from octops.app.committing import Committer
from octops.app.planning import Planned
from octops.app.workspace import Workspace
from octops.errors import Diagnostic, OctopsError, UsageError
from octops.ledger.definitions import Define, Move, Prune
from octops.ledger.ledger import new_nonce
from octops.ledger.outcome import Transition
from octops.ledger.pace import Pace
from octops.ledger.results import Skip
from octops.ledger.writer import Waiting, Writer
from octops.local.weights import PROVIDER, is_local
from octops.model.events import RunEvent, Started
from octops.model.history import History
from octops.model.ids import RunId, TaskId
from octops.model.plan import Change, ChangeAction, PlannedRun, RunAction
from octops.model.project import Project
from octops.model.run import DeliveryStatus, ModelError, Provenance, Record, RunStatus
from octops.plan.closure import model_chain
from octops.plan.definition import Definitions
from octops.redaction import Redactor
from octops.run.budget import BudgetLedger
from octops.run.endpoint import endpoint
from octops.run.one import Errand
from octops.run.site import Site
from octops.schedule.zone import tzdata_version

if TYPE_CHECKING:
    from octops.run.runner import Carried

Tell = Callable[[RunId, RunEvent], None]


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


@dataclass(slots=True)
class Applied:
    """What was done. Filled while it is done, so that an interruption can still be told truthfully."""

    definitions: list[Change] = field(default_factory=list)
    not_pruned: list[TaskId] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Addresses somebody else changed in the meantime."""
    skipped: list[Record] = field(default_factory=list)
    carried: Carried | None = None
    started: int = 0
    """Runs that were claimed, whatever became of them."""

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


def check_wishes(planned: Planned, wishes: Wishes, *, reviewed: bool = False) -> None:
    """Raises UsageError for a plan that is refused whole, before anything is written or spent.

    A `reviewed` plan may be older than the ledger: that it still holds is known.
    """
    gone = [change for change in planned.plan.changes if change.action is ChangeAction.DELETE]
    if gone and not planned.loaded.project.tasks and not wishes.allow_empty:
        raise UsageError(
            f"no task is declared any more, and the ledger knows {len(gone)}",
            code="empty-project",
            detail="if that is meant, add `--allow-empty`; otherwise look at the directory and the branch",
        )
    newest = planned.ledger.newest() if planned.ledger else None
    if not reviewed and newest is not None and newest > planned.plan.as_of + timedelta(minutes=5):
        raise UsageError(
            f"the ledger was written at {newest:%Y-%m-%d %H:%M} UTC, "
            f"and the time of this apply is before that: {planned.plan.as_of:%Y-%m-%d %H:%M} UTC",
            code="clock-behind",
            detail="leave out `--now`, or set this machine's clock",
        )


def check_keys(planned: Planned, errands: Sequence[Errand]) -> None:
    """Raises when not one of the runs that need a model has a usable key: then nothing may be started."""
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
        detail="set the variable; or name another model in octops.yaml, for example a server of your own by `api_base`",
    )


def secrets_of(project: Project) -> dict[str, str]:
    """The values of every variable the project's files or its models' providers name, where they are set."""
    from octops.plan.effects import EffectsOf

    effects = EffectsOf(project)
    names = {use.name for task in project.tasks.values() for use in effects.of(task, task.limits).secrets}
    return {name: os.environ[name] for name in sorted(names) if os.environ.get(name)}


def errands_of(planned: Planned, wishes: Wishes) -> list[Errand]:
    """Open deliveries first, then runs somebody left, then due slots: each group by slot and task."""
    if not wishes.runs:
        return []
    project = planned.loaded.project
    runs = [run for run in planned.plan.runs if run.action in (RunAction.RUN, RunAction.RESUME)]
    order = {"open_delivery": 0, "lease_expired": 1}
    runs.sort(key=lambda run: order.get(run.reason, 2))
    open_runs = {run.id for run in planned.history.open_runs}
    unknown = {change.task for change in planned.plan.changes if change.action is ChangeAction.CREATE}
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
        # Without a head the ledger cannot remember which slots are settled.
        if wishes.definitions or run.task not in unknown
    ]


def runner_name(environment: Mapping[str, str]) -> str:
    """Who runs: the CI's own name for the job, else the machine and process."""
    if environment.get("GITHUB_ACTIONS"):
        parts = ("GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT")
        return "github:" + "/".join(environment.get(part, "?") for part in parts)
    return f"{socket.gethostname()}/{os.getpid()}"


class Application:
    """One apply, step by step. Enter it to open the writer; leaving it writes what waits and ends the writer."""

    def __init__(self, workspace: Workspace, planned: Planned, clock: Callable[[], datetime], tell: Tell) -> None:
        if planned.ledger is None:
            raise UsageError(
                f"`{workspace.root}` is not in a git repository: there is no place for the records",
                code="no-repository",
                detail="run `git init` and commit the project's files; `octops render` works without",
            )
        self._workspace = workspace
        self._planned = planned
        self._clock = clock
        self._tell = self._counting(tell)
        ledger = planned.ledger
        ledger.clock = clock
        records = planned.loaded.project.settings.records
        self.writer = Writer(ledger, Pace.of(records, ledger.branch.host, remote=bool(ledger.branch.where)))
        self.applied = Applied()
        self._defining: list[tuple[Change, Waiting]] = []
        self._skipping: list[tuple[Record, Waiting]] = []

    def __enter__(self) -> Application:
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.close()

    def _counting(self, tell: Tell) -> Tell:
        def told(run: RunId, event: RunEvent) -> None:
            self.applied.started += isinstance(event, Started)
            tell(run, event)

        return told

    def define(self, wishes: Wishes) -> None:
        """Put the definitions that are in force from now on, and the slots that will not run, in line.

        Nothing is waited for here, so that they share a commit with the first claims; `settle` does.
        """
        if wishes.definitions:
            for change in self._planned.plan.changes:
                written = self.writer.submit(*self._definition(change, wishes))
                self._defining += [(change, future) for future in written]
        if wishes.runs:
            skips = list(self._skips())
            self._skipping += zip((skip.record for skip in skips), self.writer.submit(*skips), strict=True)

    def _definition(self, change: Change, wishes: Wishes) -> Iterator[Transition]:
        plan = self._planned.plan
        if change.after is None:
            if wishes.prune:
                yield Prune(task=change.task)
            else:
                self.applied.not_pruned.append(change.task)
            return
        if change.moved_from is not None:
            yield Move(source=change.moved_from, target=change.task)
        yield Define(
            task=change.task,
            definition=change.after,
            activated_at=plan.activations.get(change.task, plan.as_of),
            revision=plan.revision,
            expected=change.before.hash if change.before else "",
        )

    def _skips(self) -> Iterator[Skip]:
        project = self._planned.loaded.project
        for run in self._planned.plan.runs:
            if run.action is RunAction.SKIP:
                task = project.tasks.get(run.task)
                yield Skip(
                    record=self._skipped(run),
                    schedule=task.schedule if task else None,
                    zone=project.zone_of(task) if task else "UTC",
                )

    def settle(self) -> None:
        """Wait for definitions and skips, and take note of those that somebody else was faster with."""
        done: dict[TaskId, Change] = {}
        for change, future in self._defining:
            if future.result().accepted:
                done[change.task] = change
            else:
                self.applied.refused.append(f"task.{change.task}")
        self.applied.definitions += done.values()
        self.applied.skipped += [record for record, future in self._skipping if future.result().accepted]

    def _skipped(self, run: PlannedRun) -> Record:
        plan = self._planned.plan
        return Record(
            run=run.id,
            task=run.task,
            scheduled_at=run.scheduled_at,
            name=run.name,
            status=RunStatus.SKIPPED,
            reason=run.reason,
            covers=run.covers,
            finished_at=plan.as_of,
            lateness_seconds=run.lateness_seconds,
            provenance=Provenance(
                revision=plan.revision,
                dirty=plan.dirty,
                octops=__version__,
                tzdata=plan.tzdata,
                runner=runner_name(os.environ),
            ),
        )

    async def run(self, errands: Sequence[Errand], wishes: Wishes) -> Carried:
        """Define, then carry out the errands. A cancellation gives back what has no answer yet."""
        from octops.run.llm import close
        from octops.run.runner import carry_out

        settings = self._planned.loaded.project.settings
        site = self.site(wishes.max_cost_usd)
        self.define(wishes)
        latest = self._clock() + wishes.start_within if wishes.start_within is not None else None
        try:
            self.applied.carried = await carry_out(
                errands,
                site,
                parallelism=wishes.parallelism or settings.parallelism,
                may_start=lambda: latest is None or self._clock() < latest,
            )
        finally:
            if errands:
                await close()
        return self.applied.carried

    def site(self, max_cost_usd: float | None = None) -> Site:
        """What the runs of this apply share."""
        return make_site(
            self._workspace,
            self._planned.loaded.project,
            self._planned.history,
            self._clock,
            self._tell,
            writer=self.writer,
            max_cost_usd=max_cost_usd,
        )


def make_site(
    workspace: Workspace,
    project: Project,
    history: History,
    clock: Callable[[], datetime],
    tell: Tell,
    *,
    writer: Writer | None,
    max_cost_usd: float | None = None,
) -> Site:
    """Secrets are resolved here, at the last moment, and go no further than where the plan says."""
    from octops.destinations.surroundings import Surroundings as DeliverySurroundings
    from octops.run.recording import Tidy
    from octops.sources.surroundings import Surroundings as SourceSurroundings

    settings = project.settings
    secrets = secrets_of(project)
    redactor = Redactor(secrets.values())
    tidy = Tidy(redactor)
    return Site(
        project=project,
        root=workspace.root,
        writer=writer,
        secrets=secrets,
        redactor=redactor,
        budget=BudgetLedger(
            settings.budget,
            day_usd=history.spent_day_usd,
            month_usd=history.spent_month_usd,
            apply_usd=max_cost_usd,
        ),
        sources=SourceSurroundings(
            root=workspace.root, secrets=secrets, network_allow=settings.network_allow, version=__version__
        ),
        deliveries=DeliverySurroundings(
            secrets=secrets,
            commit=Committer(workspace, settings.records, writer, clock).commit,
            now=clock,
            version=__version__,
            network_allow=settings.network_allow,
            records_branch=settings.records.branch,
        ),
        now=clock,
        nonce=new_nonce,
        runner=runner_name(os.environ),
        version=__version__,
        tzdata=tzdata_version(),
        hashes=_Hashes(project),
        last_answers={task: head.answer_hash for task, head in history.heads.items() if head.answer_hash},
        last_runs={task: head.settled_until for task, head in history.heads.items() if head.settled_until},
        tell=lambda run, event: tell(run, tidy.event(event)),
    )


class _Hashes(Mapping[TaskId, str]):
    """Definition hashes, made when they are asked for: a plan of ten thousand tasks runs a few."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._definitions = Definitions(project)

    def __getitem__(self, task: TaskId) -> str:
        return self._definitions.of(self._project.tasks[task]).hash

    def __iter__(self) -> Iterator[TaskId]:
        return iter(self._project.tasks)

    def __len__(self) -> int:
        return len(self._project.tasks)
