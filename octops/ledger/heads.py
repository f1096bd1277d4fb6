"""A task's head: what finished runs leave in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from octops.model.history import Definition, Head, Samples
from octops.model.run import DeliveryStatus, Record, RunStatus

_SAMPLES = 20
_DAYS = 40


def settle(head: Head, record: Record, *, settled_until: datetime | None = None) -> Head:
    """The head after a run ended. `settled_until`: every slot up to there is known to have a record now."""
    slots = {*head.settled, *record.covers} | ({record.scheduled_at} if record.scheduled_at else set())
    until = max((known for known in (head.settled_until, settled_until) if known), default=None)
    return replace(
        head,
        settled_until=until,
        settled=tuple(sorted(slot for slot in slots if until is None or slot > until)),
        failures=_failures(head, record),
        samples=_samples(head, record),
        spent_usd=_spent(head, record),
        answer_hash=delivered_hash(record) or head.answer_hash,
    )


def is_settled(head: Head, slot: datetime) -> bool:
    """Whether a slot already ended in a record, its own or one it shares."""
    return slot in head.settled or (head.settled_until is not None and slot <= head.settled_until)


def defined(head: Head | None, definition: Definition, revision: str, activated_at: datetime) -> Head:
    """The head after a definition was applied; what happened before stays."""
    if head is None:
        return Head(definition=definition, revision=revision, activated_at=activated_at)
    return replace(head, definition=definition, revision=revision, activated_at=activated_at)


def spent(heads: Iterable[Head], now: datetime, *, answers: Iterable[Record] = ()) -> tuple[float, float]:
    """US dollars of the day and of the month `now` lies in, in UTC; `answers` are those no head knows of yet."""
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    days = [item for head in heads for item in head.spent_usd.items()]
    days += [(_day(answer), answer.usage.cost_usd or 0.0) for answer in answers]
    return (
        sum(usd for key, usd in days if key == day),
        sum(usd for key, usd in days if key.startswith(day[:7])),
    )


def _failures(head: Head, record: Record) -> int:
    if record.status is RunStatus.SKIPPED:
        return head.failures
    return head.failures + 1 if record.status is RunStatus.FAILED else 0


def _day(record: Record) -> str:
    return f"{record.finished_at.astimezone(UTC):%Y-%m-%d}"


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


def _spent(head: Head, record: Record) -> dict[str, float]:
    days = dict(head.spent_usd)
    if cost := record.usage.cost_usd:
        day = _day(record)
        days[day] = round(days.get(day, 0.0) + cost, 9)
    return dict(sorted(days.items())[-_DAYS:])
