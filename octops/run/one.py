"""One planned run from claim to record. Each step is safe to be killed after: the next apply goes on from there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

from octops.errors import OctopsError
from octops.ledger.claims import Renew
from octops.ledger.documents import Claim
from octops.ledger.heads import delivered_hash
from octops.ledger.outcome import Outcome, Refusal, Transition
from octops.ledger.results import Finish, Store
from octops.model.events import Answered, Ended, LeftAlone, Noted, Owed, RunEvent, Started
from octops.model.ids import TaskId, Value
from octops.model.run import Answer, ErrorKind, Failure, Record, RunFailed, Usage
from octops.model.task import Task
from octops.plan.renames import heir
from octops.run.attempt import Attempted, Order, attempt, variables_of
from octops.run.claiming import REFUSALS, charging, deferred, giving_back, taking
from octops.run.delivering import (
    LEASE,
    OPEN,
    Deliveries,
    Fenced,
    check_destinations,
    deliveries_of,
    may_send_with_the_answer,
    sending,
    transition_of,
)
from octops.run.errand import Errand
from octops.run.lease import lease
from octops.run.places import NotStarted, Places
from octops.run.site import Site
from octops.run.writing import Writing
from octops.template import TemplateError

WAITING = timedelta(minutes=1)
"""How much of that may be used up before the run begins."""


class OneRun:
    """Carries out one errand. `done` is its record, or None when the run is somebody else's."""

    def __init__(self, errand: Errand, site: Site, places: Places, last_word: Callable[[], None]) -> None:
        """`last_word` is called once: when nothing but its record is left to be written, or nothing at all."""
        self._errand = errand
        self._site = site
        self._places = places
        self._claim: Claim | None = None
        self._finishing = False
        self._used = Usage()
        """What no answer in the ledger tells of yet."""
        self._last_word = last_word
        self._asked_at = site.now()
        self.elsewhere = False
        """Another runner holds the run, and does the task's later ones after it."""

    async def carry_out(self) -> Record | None:
        """Raises GitError when the ledger cannot be written, NotStarted when its turn came too late.

        A cancellation gives the run back.
        """
        try:
            return await self._steps()
        except Fenced:
            self.elsewhere = True
            self._tell(LeftAlone(reason="another runner took it over"))
            await self._charge()
            return None
        except asyncio.CancelledError:
            await self._give_back()
            raise
        finally:
            if not self._finishing:
                self._last_word()

    async def _steps(self) -> Record | None:
        async with self._places.ahead:
            if not self._places.may_start():
                raise NotStarted
            claim = await self._take()
            if claim is None:
                return None
            if claim.answer is None:
                await self._turn(claim)
        stored = claim.answer or await self._answer(claim)
        if _is_open(stored):
            async with self._places.delivering:
                stored = await self._deliver(stored, claim.nonce)
        return await self._finish(stored, claim.nonce)

    async def _take(self) -> Claim | None:
        writing = self._writing(taking(self._errand, self._site, self._leased_until(), self._heir))
        try:
            (outcome,) = await writing.done()
        except asyncio.CancelledError:
            # Whether the claim was pushed must be known before it can be given back.
            (outcome,) = await writing.hurried()
            self._claim = outcome.claim if outcome.accepted else None
            raise
        if not outcome.accepted or outcome.claim is None:
            self.elsewhere = outcome.refusal is Refusal.TAKEN
            self._tell(LeftAlone(reason=REFUSALS[outcome.refusal] if outcome.refusal else "it cannot be taken"))
            return None
        self._claim = outcome.claim
        return outcome.claim

    async def _turn(self, claim: Claim) -> None:
        """Wait for a place to converse, and hold the claim meanwhile. Raises NotStarted, Fenced."""
        lease_until = claim.lease_until
        while not await self._places.converse(self._patience(lease_until)):
            lease_until = self._leased_until()
            (outcome,) = await self._write(Renew(run=claim.run, nonce=claim.nonce, lease_until=lease_until))
            if not outcome.accepted:
                raise Fenced
        if not self._places.may_start():
            self._places.conversing.release()
            await self._leave(claim)

    async def _leave(self, claim: Claim) -> NoReturn:
        """Give back a run that has not begun: it is due next time."""
        self._claim = None
        with suppress(OctopsError):
            await self._write(giving_back(claim, self._site, self._used, self._heir))
        raise NotStarted

    def _patience(self, lease_until: datetime) -> float:
        """Seconds until too little of the lease is left to begin."""
        return (lease_until - self._leased_until() + WAITING).total_seconds()

    def _leased_until(self) -> datetime:
        return self._site.leases() + lease(self._errand.task, self._site.project)

    async def _answer(self, claim: Claim) -> Record:
        """Holds a place to converse, and gives it up with the model's last word: nobody waits for writing."""
        from octops.run.recording import record_of

        task = self._errand.task
        assert task is not None, "a run without a stored answer is only taken up for a task that exists"
        try:
            self._tell(Started(attempt=claim.attempt))
            started_at = self._site.now()
            order = self._order(claim, task)
            attempted = await self._attempted(order, claim)
        finally:
            self._places.conversing.release()
        if why := deferred(claim, attempted.answer):
            self._tell(Noted(text=f"given back: {why}"))
            await self._leave(claim)
        record = record_of(claim, order, attempted, self._site, started_at)
        return await self._store(claim, replace(record, deliveries=deliveries_of(record, task, self._site)))

    async def _store(self, claim: Claim, record: Record) -> Record:
        if not _is_open(record):
            # Nothing will be sent: the record itself is the first that is written of it.
            return record
        with_answer = [delivery for delivery in record.deliveries if may_send_with_the_answer(delivery)]
        notes = [transition_of(sending(it, self._site), record, claim.nonce, self._site) for it in with_answer]
        store = Store(run=claim.run, nonce=claim.nonce, answer=record, lease_until=self._site.leases() + LEASE)
        outcomes = await self._write(store, *notes)
        last = outcomes[-1]
        if not last.accepted or last.claim is None or last.claim.answer is None:
            raise Fenced
        self._used = Usage()
        return last.claim.answer

    async def _attempted(self, order: Order, claim: Claim) -> Attempted:
        if claim.attempt > max(1, order.task.retry_attempts):
            message = f"{claim.attempt - 1} runners took this run and none of them finished it"
            hint = "look at what ends them: the job's time limit, memory, a machine that is taken away"
            return _without_answer(Failure(kind=ErrorKind.LOST, message=message, hint=hint))
        try:
            check_destinations(order.task, self._site)
        except RunFailed as error:
            return _without_answer(error.failure)
        return await attempt(order, self._site, self._heard)

    def _heard(self, event: RunEvent) -> None:
        if isinstance(event, Owed | Answered):
            self._used = event.usage
        self._tell(event)

    async def _deliver(self, record: Record, nonce: str) -> Record:
        deliveries = Deliveries(
            record,
            nonce,
            self._site,
            self._write,
            self._tell,
            self._variables(record),
            heard_at=self._asked_at,
        )
        return await deliveries.deliver()

    def _variables(self, record: Record) -> Mapping[str, Value]:
        task, claim = self._errand.task, self._claim
        if task is None or claim is None:
            return {}
        try:
            return variables_of(self._order(claim, task), self._site)
        except TemplateError:
            return {}

    def _order(self, claim: Claim, task: Task) -> Order:
        return Order(
            run=claim.run,
            task=task,
            scheduled_at=claim.scheduled_at,
            window_start=claim.window_start,
            is_catch_up=claim.is_catch_up,
            parameters=claim.parameters,
        )

    async def _finish(self, record: Record, nonce: str) -> Record | None:
        self._finishing = True
        task, project = self._remembering, self._site.project
        finish = Finish(
            run=record.run,
            nonce=nonce,
            record=record,
            schedule=task.schedule if task else None,
            zone=project.zone_of(task) if task else "UTC",
            heir=self._heir,
        )
        writing = self._writing(finish)
        self._last_word()
        try:
            (outcome,) = await writing.done()
        except asyncio.CancelledError:
            await writing.hurried()
            raise
        if not outcome.accepted:
            raise Fenced
        self._claim = None
        if arrived := delivered_hash(record):
            # The task's next run of this apply has another last answer than the ledger knew at first.
            self._site.last_answers[TaskId(self._heir or record.task)] = arrived
        self._tell(Ended(record=record))
        return record

    @property
    def _remembering(self) -> Task | None:
        """The task whose head the run ends in: one that was renamed goes on under its new id."""
        project, task = self._site.project, TaskId(self._errand.run.partition("@")[0])
        return self._errand.task or project.tasks.get(heir(task, project.settings.moved))

    @property
    def _heir(self) -> str:
        task = self._remembering
        return task.id if task else ""

    async def _give_back(self) -> None:
        """Release the claim, so that the next apply need not wait for the lease; an answer that is stored stays."""
        claim = self._claim
        if claim is None or self._finishing:
            return
        release = giving_back(claim, self._site, self._used, self._heir)
        # Where the ledger cannot be written, the lease ends by itself.
        with suppress(OctopsError):
            await self._writing(release).hurried()

    async def _charge(self) -> None:
        if self._claim is not None and self._used != Usage():
            with suppress(OctopsError):
                await self._write(charging(self._claim, self._site, self._used, self._heir))

    async def _write(self, *transitions: Transition) -> tuple[Outcome, ...]:
        return await self._writing(*transitions).done()

    def _writing(self, *transitions: Transition) -> Writing:
        assert self._site.writer is not None
        self._asked_at = self._site.now()
        return Writing(self._site.writer, *transitions)

    def _tell(self, event: RunEvent) -> None:
        self._site.tell(self._errand.run, event)


def _is_open(record: Record) -> bool:
    return any(delivery.status in OPEN for delivery in record.deliveries)


def _without_answer(failure: Failure) -> Attempted:
    return Attempted(answer=Answer(text="", failure=failure))
