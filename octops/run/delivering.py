"""From a stored answer to proofs: who gets it, in which order the ledger hears of it."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from octops.destinations.attempts import Outcome as Sending
from octops.destinations.attempts import deliver_with_retries
from octops.destinations.prepared import Outlet, delivery_id, prepare, recipients
from octops.destinations.table import destination_type
from octops.ledger.outcome import Outcome, Transition
from octops.ledger.results import Deliver
from octops.model.events import RunEvent, Sent
from octops.model.ids import DestinationId, Value
from octops.model.project import Destination
from octops.model.run import Delivery, DeliveryError, DeliveryStatus, ErrorKind, Record, Result, RunFailed, RunStatus
from octops.model.task import Task
from octops.run.site import Site

LEASE = timedelta(minutes=10)
"""How long a runner may be silent while it delivers."""
SURE = timedelta(minutes=4)
"""Who heard from the ledger within this time still holds the run; no lease is shorter."""
OPEN = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)

Write = Callable[..., Awaitable[tuple[Outcome, ...]]]


class Fenced(Exception):
    """Somebody took the run over: nothing more may be sent or written for it."""


def check_destinations(task: Task, site: Site) -> None:
    """Raises RunFailed (config) for what can never be delivered, before anything is spent."""
    for id_ in task.destinations:
        try:
            prepare(site.project.destinations[id_], site.deliveries)
        except DeliveryError as error:
            message = f"destination `{id_}` cannot be used: {error}"
            raise RunFailed(ErrorKind.CONFIG, message, hint=f"see {site.project.destinations[id_].path}") from error


def deliveries_of(record: Record, task: Task, site: Site) -> tuple[Delivery, ...]:
    """One entry per destination and recipient, in the order of the file."""
    return tuple(
        Delivery(
            id=delivery_id(record.run, id_, recipient),
            destination=id_,
            recipient=recipient,
            guarantee=destination.guarantee,
            status=_wanted(record, task, destination, site),
            updated_at=record.finished_at,
        )
        for id_ in task.destinations
        for destination in [site.project.destinations[id_]]
        for recipient in _recipients(destination)
    )


def wanted_recipients(destination: Destination, *, failed: bool) -> tuple[str, ...]:
    """Who would be told of a run that failed, or has an answer that nobody has seen yet."""
    return () if failed and not _takes_failures(destination) else _recipients(destination)


def _recipients(destination: Destination) -> tuple[str, ...]:
    try:
        return recipients(destination)
    except DeliveryError:
        return ("",)


def _wanted(record: Record, task: Task, destination: Destination, site: Site) -> DeliveryStatus:
    """A failed run is told to what takes events; an answer like the last one only where it is always wanted."""
    if record.status is RunStatus.FAILED:
        tells = _takes_failures(destination)
        return DeliveryStatus.PENDING if tells else DeliveryStatus.SUPPRESSED
    same = task.deliver == "on_change" and site.last_answers.get(task.id) == answer_hash(record.text)
    return DeliveryStatus.SUPPRESSED if same else DeliveryStatus.PENDING


def _takes_failures(destination: Destination) -> bool:
    try:
        return destination_type(destination.type).takes_failures
    except DeliveryError:
        return False


def answer_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Deliveries:
    """The open deliveries of one stored answer."""

    def __init__(
        self,
        record: Record,
        nonce: str,
        site: Site,
        write: Write,
        tell: Callable[[RunEvent], None],
        variables: Mapping[str, Value],
        *,
        heard_at: datetime,
    ) -> None:
        """`heard_at`: when the ledger was asked for what it accepted last."""
        self._record = record
        self._nonce = nonce
        self._site = site
        self._write = write
        self._tell = tell
        self._variables = variables
        self._left = 0
        self._heard_at = heard_at

    async def deliver(self) -> Record:
        """Send what is open, side by side. Returns the record with what became of it. Raises Fenced."""
        open_ = [delivery for delivery in self._record.deliveries if delivery.status in OPEN]
        self._left = len(open_)
        ended = dict(zip((it.id for it in open_), await asyncio.gather(*map(self._one, open_)), strict=True))
        deliveries = tuple(ended.get(delivery.id, delivery) for delivery in self._record.deliveries)
        return replace(self._record, deliveries=deliveries)

    async def _one(self, delivery: Delivery) -> Delivery:
        if delivery.status is DeliveryStatus.PENDING:
            await self._note(sending(delivery, self._site))
        await self._hold(delivery)
        outcome = await self._send(delivery)
        now = self._site.now()
        text = self._site.redactor.text
        ended = replace(
            delivery,
            status=outcome.status,
            attempts=delivery.attempts + outcome.attempts,
            proof=text(outcome.proof)[:500],
            error=text(outcome.error)[:500],
            updated_at=now,
        )
        self._tell(Sent(delivery=ended))
        self._left -= 1
        if self._left:
            # The last one is written together with the record.
            await self._note(ended)
        return ended

    async def _note(self, delivery: Delivery) -> None:
        asked_at = self._site.now()
        transition = transition_of(delivery, self._record, self._nonce, self._site)
        (outcome,) = await self._write(transition)
        if not outcome.accepted:
            raise Fenced
        self._heard_at = asked_at

    async def _hold(self, delivery: Delivery) -> None:
        """Whoever was away for long asks first whether the run is still its own. Raises Fenced."""
        if self._site.now() - self._heard_at > SURE:
            await self._note(sending(delivery, self._site))

    async def _send(self, delivery: Delivery) -> Sending:
        try:
            outlet = self._outlet(delivery)
        except DeliveryError as error:
            return Sending(status=DeliveryStatus.FAILED, attempts=0, ended_at=self._site.now(), error=str(error))

        async def sleep(seconds: float) -> None:
            await asyncio.sleep(seconds)
            await self._hold(delivery)

        return await deliver_with_retries(
            outlet,
            self._result(delivery),
            sleep=sleep,
            random=random.SystemRandom().random,
            now=self._site.now,
        )

    def _outlet(self, delivery: Delivery) -> Outlet:
        destination = self._site.project.destinations.get(delivery.destination)
        if destination is None:
            raise DeliveryError(f"destination `{delivery.destination}` is not declared any more", retryable=False)
        for outlet in prepare(destination, self._site.deliveries):
            if outlet.recipient == delivery.recipient:
                return outlet
        raise DeliveryError(f"`{delivery.recipient}` is not a recipient of it any more", retryable=False)

    def _result(self, delivery: Delivery) -> Result:
        record = self._record
        task = self._site.project.tasks.get(record.task)
        return Result(
            run=record.run,
            task=record.task,
            task_name=task.title if task else record.task,
            delivery_id=delivery.id,
            status=record.status,
            text=record.text,
            format=record.format,
            data=record.data,
            usage=record.usage,
            model=record.model_answered,
            scheduled_at=record.scheduled_at,
            finished_at=record.finished_at,
            failure=record.failure,
            variables=self._variables,
        )


def sending(delivery: Delivery, site: Site) -> Delivery:
    return replace(delivery, status=DeliveryStatus.SENDING, updated_at=site.now())


def transition_of(delivery: Delivery, record: Record, nonce: str, site: Site) -> Transition:
    return Deliver(run=record.run, nonce=nonce, delivery=delivery, lease_until=site.leases() + LEASE)


def may_send_with_the_answer(delivery: Delivery) -> bool:
    """At least once: noting `sending` in the commit that stores the answer saves a push and costs no promise.

    At most once keeps a commit of its own, so that a crash before it is not called `unknown`.
    """
    return delivery.status is DeliveryStatus.PENDING and delivery.guarantee == "at_least_once"


__all__ = [
    "Deliveries",
    "DestinationId",
    "Fenced",
    "answer_hash",
    "check_destinations",
    "deliveries_of",
    "may_send_with_the_answer",
    "sending",
    "transition_of",
]
