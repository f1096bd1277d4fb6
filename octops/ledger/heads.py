"""A task's head: what finished runs leave in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from octops.ledger.layout import slot_of
from octops.model.history import Definition, Head, Samples
from octops.model.run import DeliveryStatus, Record, RunStatus, Usage

_SAMPLES = 20
_DAYS = 40
_CUT_OFF = 20


def settle(head: Head, record: Record, *, settled_until: datetime | None = None) -> Head:
    """The head after a run ended. `settled_until`: every slot up to there is known to have a record now."""
    slots = {*head.settled, *record.covers} | ({record.scheduled_at} if record.scheduled_at else set())
    until = max((known for known in (head.settled_until, settled_until) if known), default=None)
    settled = replace(
        head,
        settled_until=until,
        settled=tuple(sorted(slot for slot in slots if until is None or slot > until)),
        failures=_failures(head, record),
        samples=_samples(head, record),
        spent_usd=_paid(head, record.usage, record.finished_at),
        answer_hash=delivered_hash(record) or head.answer_hash,
    )
    return replace(settled, cut_off=_left(settled, record)) if head.cut_off else settled


def owing(head: Head, run: str, usage: Usage, at: datetime) -> Head:
    """The head after an attempt was cut off that had used something already."""
    slot, head = slot_of(run), replace(head, spent_usd=_paid(head, usage, at))
    if slot is not None and is_settled(head, slot):
        return head
    known = {**head.cut_off, run: head.cut_off.get(run, Usage()) + usage}
    return replace(head, cut_off=dict(list(known.items())[-_CUT_OFF:]))


def is_settled(head: Head, slot: datetime) -> bool:
    """Whether a slot already ended in a record, its own or one it shares."""
    return slot in head.settled or (head.settled_until is not None and slot <= head.settled_until)


def defined(head: Head | None, definition: Definition, revision: str, activated_at: datetime) -> Head:
    """The head after a definition was applied; what happened before stays."""
    if head is None:
        return Head(definition=definition, revision=revision, activated_at=activated_at)
    return replace(head, definition=definition, revision=revision, activated_at=activated_at)


def spent(
    heads: Iterable[Head], now: datetime, *, answers: Iterable[Record] = (), pruned: Mapping[str, float] | None = None
) -> tuple[float, float]:
    """US dollars of the day and of the month `now` lies in, in UTC.

    `answers` are those no head knows of yet; `pruned` is what tasks had spent whose heads are gone.
    """
    day = day_of(now)
    days = [item for head in heads for item in head.spent_usd.items()]
    days += (pruned or {}).items()
    days += [(day_of(answer.finished_at), answer.usage.cost_usd or 0.0) for answer in answers]
    return (
        sum(usd for key, usd in days if key == day),
        sum(usd for key, usd in days if key.startswith(day[:7])),
    )


def _failures(head: Head, record: Record) -> int:
    if record.status is RunStatus.SKIPPED:
        return head.failures
    return head.failures + 1 if record.status is RunStatus.FAILED else 0


def day_of(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def delivered_hash(record: Record) -> str:
    """sha256 (hex) of an answer that arrived anywhere; empty: none did."""
    arrived = any(delivery.status is DeliveryStatus.DELIVERED for delivery in record.deliveries)
    if record.status is not RunStatus.COMPLETED or not arrived:
        return ""
    return hashlib.sha256(record.text.encode()).hexdigest()


def _samples(head: Head, record: Record) -> Samples:
    if record.status is not RunStatus.COMPLETED:
        return head.samples
    usage, past = record.usage, head.samples
    return Samples(
        input_tokens=(*past.input_tokens, usage.input_tokens)[-_SAMPLES:],
        output_tokens=(*past.output_tokens, usage.output_tokens)[-_SAMPLES:],
        cost_usd=(*past.cost_usd, usage.cost_usd)[-_SAMPLES:],
    )


def _paid(head: Head, usage: Usage, at: datetime) -> dict[str, float]:
    return newest_days(head.spent_usd, {day_of(at): usage.cost_usd or 0.0})


def newest_days(*spent: Mapping[str, float]) -> dict[str, float]:
    """Sums by day, the newest 40 days of them."""
    days: dict[str, float] = {}
    for day, usd in chain.from_iterable(it.items() for it in spent):
        if usd:
            days[day] = round(days.get(day, 0.0) + usd, 9)
    return dict(sorted(days.items())[-_DAYS:])


def _left(head: Head, record: Record) -> dict[str, Usage]:
    """What is owed for runs that may still come to a record."""
    slots = {run: slot_of(run) for run in head.cut_off if run != record.run}
    return {run: head.cut_off[run] for run, slot in slots.items() if slot is None or not is_settled(head, slot)}
