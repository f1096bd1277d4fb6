"""A plan carried out: definitions noted, slots skipped, runs done. The caller has shown it and was told to go on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from octops import __version__
from octops.app.planning import Planned
from octops.app.workspace import Workspace
from octops.errors import GitError, OctopsError, UsageError
from octops.ledger.definitions import Define, Move, Prune
from octops.ledger.outcome import Outcome, Transition
from octops.ledger.pace import Pace
from octops.ledger.results import Skip
from octops.ledger.writer import FIRST_SECONDS, Waiting, Writer
from octops.model.events import Ended, LeftAlone, RunEvent, Started
from octops.model.ids import RunId, TaskId
from octops.model.plan import Change, PlannedRun, RunAction
from octops.model.run import Provenance, Record, RunStatus
from octops.run.errand import Errand
from octops.run.site import Site

if TYPE_CHECKING:
    from octops.model.history import History
    from octops.plan.shards import Shard
    from octops.run.runner import Carried

from octops.app.sharing import Sharing, not_read, with_others
from octops.app.site import Tell, make_site, runner_name
from octops.app.wishes import Applied, Wishes, definitions_first, waiting_tasks


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
        ledger.go_on()
        records = planned.loaded.project.settings.records
        pace = Pace.of(records, ledger.branch.host, remote=bool(ledger.branch.where))
        self.writer = Writer(ledger, pace, first_seconds=FIRST_SECONDS)
        self.applied = Applied()
        self._ended: list[Record] = []
        self._begun: set[RunId] = set()
        self._shard: Shard | None = None
        self._defining: list[tuple[Change, Waiting]] = []
        self._skipping: list[tuple[Record, Waiting]] = []

    def __enter__(self) -> Application:
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.close()

    def _counting(self, tell: Tell) -> Tell:
        def told(run: RunId, event: RunEvent) -> None:
            self.applied.started += isinstance(event, Started)
            if isinstance(event, Started):
                self._begun.add(run)
            if isinstance(event, Ended):
                self._ended.append(event.record)
            # That another shard was faster with a run is how the work is shared, and no news.
            if not (self._shard and isinstance(event, LeftAlone) and run not in self._begun):
                tell(run, event)

        return told

    def define(self, wishes: Wishes) -> None:
        """Put the definitions that are in force from now on, and the slots that will not run, in line.

        Nothing is waited for here, so that they share a commit with the first claims; `settle` does. Every shard puts
        all definitions in line: the first to write them has done it, for the others there is nothing left to write.
        """
        if wishes.definitions:
            for change in self._planned.plan.changes:
                written = self.writer.submit(*self._definition(change, wishes))
                self._defining += [(change, future) for future in written]
        if wishes.runs:
            waiting = waiting_tasks(self._planned, wishes)
            self.applied.notes += definitions_first(self._planned, waiting)
            skips = [skip for skip in self._skips(wishes.shard) if skip.record.task not in waiting]
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

    def _skips(self, shard: Shard | None) -> Iterator[Skip]:
        plan, project = self._planned.plan, self._planned.loaded.project
        for run in plan.runs:
            # A skip can say that an earlier run is still going on: only who does the task's runs may say so.
            if run.action is RunAction.SKIP and (shard is None or shard.holds(run.task)):
                task = project.tasks.get(run.task)
                yield Skip(
                    record=self._skipped(run),
                    leases_at=self._planned.leases_at,
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
            if outcome and outcome.files:
                done[change.task] = change
            elif outcome and not outcome.accepted:
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
            covers_from=run.covers_from,
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
        """Define, then carry out the errands. A cancellation gives back what has no answer yet; `applied` tells it.

        As one of several shards: first its own errands, then those of the others that nobody has taken.
        """
        from octops.run.llm import close
        from octops.run.runner import Carried

        self._shard = wishes.shard
        sharing = Sharing(self._planned, errands, wishes) if wishes.shard else None
        own = sharing.own if sharing else tuple(errands)
        site = self.site(wishes.max_cost_usd)
        self.define(wishes)
        latest = self._clock() + wishes.start_within if wishes.start_within is not None else None

        def in_time() -> bool:
            return latest is None or self._clock() < latest

        try:
            self.applied.carried = await self._carry_out(own, site, wishes, in_time)
            if sharing is not None:
                await self._help(sharing, site, wishes, in_time)
        except asyncio.CancelledError:
            left = tuple(run for run in self._in_hand(own) if run not in {record.run for record in self._ended})
            self.applied.carried = Carried(records=tuple(self._ended), not_started=left)
            self.applied.interrupted = True
            raise
        finally:
            if errands:
                await close()
        return self.applied.carried

    async def _carry_out(
        self, errands: Sequence[Errand], site: Site, wishes: Wishes, may_start: Callable[[], bool]
    ) -> Carried:
        from octops.run.runner import carry_out

        parallelism = wishes.parallelism or self._planned.loaded.project.settings.parallelism
        return await carry_out(errands, site, parallelism=parallelism, may_start=may_start)

    async def _help(self, sharing: Sharing, site: Site, wishes: Wishes, in_time: Callable[[], bool]) -> None:
        """Carry out what other shards have not taken, until nothing is left. What they have is not told of."""

        def may_start() -> bool:
            return in_time() and self._sound

        spent = site.budget.spent_usd
        await self._defined()
        while may_start():
            left = None if wishes.max_cost_usd is None else max(0.0, wishes.max_cost_usd - spent)
            try:
                found = await asyncio.to_thread(sharing.left, left)
            except GitError as error:
                self.applied.notes.append(not_read(sharing.shard, error))
                return
            if found is None:
                return
            site = replace(self.site(left, found.history), refused=site.refused)
            more = await self._carry_out(found.errands, site, wishes, may_start)
            spent += site.budget.spent_usd
            assert self.applied.carried is not None
            self.applied.carried = with_others(self.applied.carried, more)

    @property
    def _sound(self) -> bool:
        """Not everything goes wrong here: a machine without network or key must not use up the work of all others."""
        ended, carried = self._ended, self.applied.carried
        well = not ended or any(record.status is RunStatus.COMPLETED for record in ended)
        return well and not (carried and carried.broken)

    async def _defined(self) -> None:
        """Until the writer has nothing in hand; `settle` tells what came of it."""
        waiting = [future for _, future in (*self._defining, *self._skipping)]
        await asyncio.gather(*map(asyncio.wrap_future, waiting), return_exceptions=True)

    def _in_hand(self, own: Sequence[Errand]) -> Iterable[RunId]:
        """The runs this apply was to do and those it began for others, without what others have done for it."""
        alone = set(self.applied.carried.left_alone) if self.applied.carried else set()
        return dict.fromkeys((*(errand.run for errand in own if errand.run not in alone), *self._begun))

    def site(self, max_cost_usd: float | None = None, history: History | None = None) -> Site:
        """What the runs of this apply share; `history` is the ledger's, where it was read again."""
        site = make_site(
            self._workspace,
            self._planned.loaded.project,
            history or self._planned.history,
            self._clock,
            self._tell,
            writer=self.writer,
            max_cost_usd=max_cost_usd,
        )
        return replace(site, runner=f"{site.runner} {self._shard}") if self._shard else site
