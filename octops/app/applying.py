"""A plan carried out: definitions noted, slots skipped, runs done. The caller has shown it and was told to go on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from octops import __version__
from octops.app.planning import Planned
from octops.app.workspace import Workspace
from octops.errors import OctopsError, UsageError
from octops.ledger.definitions import Define, Move, Prune
from octops.ledger.outcome import Outcome, Transition
from octops.ledger.pace import Pace
from octops.ledger.results import Skip
from octops.ledger.writer import FIRST_SECONDS, Waiting, Writer
from octops.model.events import Ended, RunEvent, Started
from octops.model.ids import RunId, TaskId
from octops.model.plan import Change, PlannedRun, RunAction
from octops.model.run import Provenance, Record, RunStatus
from octops.run.one import Errand
from octops.run.site import Site

if TYPE_CHECKING:
    from octops.run.runner import Carried

from octops.app.site import Tell, make_site, runner_name
from octops.app.wishes import Applied, Wishes


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
        pace = Pace.of(records, ledger.branch.host, remote=bool(ledger.branch.where))
        self.writer = Writer(ledger, pace, first_seconds=FIRST_SECONDS)
        self.applied = Applied()
        self._ended: list[Record] = []
        self._defining: list[tuple[Change, Waiting]] = []
        self._skipping: list[tuple[Record, Waiting]] = []

    def __enter__(self) -> Application:
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.close()

    def _counting(self, tell: Tell) -> Tell:
        def told(run: RunId, event: RunEvent) -> None:
            self.applied.started += isinstance(event, Started)
            if isinstance(event, Ended):
                self._ended.append(event.record)
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
        """Wait for definitions and skips, and take note of those that somebody else was faster with.

        Raises GitError when they could not be written; after runs that is told with what became of those.
        """
        done: dict[TaskId, Change] = {}
        for change, future in self._defining:
            outcome = self._outcome(change.task, future)
            if outcome and outcome.accepted:
                done[change.task] = change
            elif outcome:
                self.applied.refused.append(f"task.{change.task}")
        self.applied.definitions += done.values()
        for record, future in self._skipping:
            outcome = self._outcome(record.run, future)
            if outcome and outcome.accepted:
                self.applied.skipped.append(record)

    def _outcome(self, subject: str, future: Waiting) -> Outcome | None:
        try:
            return future.result()
        except OctopsError as error:
            carried = self.applied.carried
            if carried is None:
                raise
            self.applied.carried = replace(carried, broken=(*carried.broken, (RunId(subject), error)))
            return None

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
        """Define, then carry out the errands. A cancellation gives back what has no answer yet; `applied` tells it."""
        from octops.run.llm import close
        from octops.run.runner import Carried, carry_out

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
        except asyncio.CancelledError:
            done = {record.run for record in self._ended}
            left = tuple(errand.run for errand in errands if errand.run not in done)
            self.applied.carried = Carried(records=tuple(self._ended), not_started=left)
            self.applied.interrupted = True
            raise
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
