"""Transitions of a claim: taken, given up, taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from octops.errors import Diagnostic
from octops.ledger.documents import Claim, Head, Phase, encode, read_document
from octops.ledger.heads import day_of, is_settled, owing
from octops.ledger.layout import PRUNED, file_name, head_path, open_path, record_path, slot_of
from octops.ledger.outcome import Needs, Outcome, Refusal, refuse
from octops.ledger.pruned import kept
from octops.model.ids import RunId
from octops.model.run import Delivery, DeliveryStatus, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Take a run nobody has taken and that has no record. A claim with the same nonce is ours already."""

    claim: Claim
    word: str = "claimed"

    @property
    def subject(self) -> str:
        return self.claim.run

    @property
    def needs(self) -> Needs:
        paths = (open_path(self.claim.run), head_path(self.claim.task))
        return _with_record(self.claim.run, paths)

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        if recorded_at(self.claim.run, files) is not None or settled_slot(self.claim.run, files):
            return refuse(Refusal.FINISHED)
        current = read_claim(self.claim.run, files)
        if isinstance(current, Diagnostic):
            return refuse(Refusal.UNREADABLE)
        if current is None:
            return written(_with_earlier(self.claim, self.claim.task, files))
        if current.nonce == self.claim.nonce:
            return Outcome(claim=current)
        return refuse(Refusal.TAKEN, current)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """Take a run whose lease has ended. With a stored answer it keeps its attempt: only deliveries are left to do.

    A delivery cut off while it was sent is sent again under its id, or is `unknown` where that must not happen.
    `heir` is the task's new id where it was renamed.
    """

    run: RunId
    nonce: str
    runner: str
    now: datetime
    lease_until: datetime
    heir: str = ""
    word: str = "resumed"

    @property
    def subject(self) -> str:
        return self.run

    @property
    def needs(self) -> Needs:
        return _with_record(self.run, (open_path(self.run), *_heads(self.run, self.heir)))

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        current = read_claim(self.run, files)
        if isinstance(current, Diagnostic):
            return refuse(Refusal.UNREADABLE)
        if current is None:
            finished = recorded_at(self.run, files) is not None
            return refuse(Refusal.FINISHED if finished else Refusal.MISSING)
        if current.nonce == self.nonce:
            return Outcome(claim=current)
        if current.lease_until > self.now:
            return refuse(Refusal.TAKEN, current)
        return written(_with_earlier(self._taken(current), _remembering(self.run, self.heir, files), files))

    def _taken(self, current: Claim) -> Claim:
        answer = current.answer
        if answer is not None:
            answer = replace(answer, deliveries=tuple(_after_cut(delivery) for delivery in answer.deliveries))
        return replace(
            current,
            attempt=current.attempt + (0 if answer else 1),
            nonce=self.nonce,
            runner=self.runner,
            claimed_at=current.claimed_at,
            lease_until=self.lease_until,
            answer=answer,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """Hold a run longer."""

    run: RunId
    nonce: str
    lease_until: datetime
    word: str = "renewed"

    @property
    def subject(self) -> str:
        return self.run

    @property
    def needs(self) -> Needs:
        return Needs(paths=(open_path(self.run),))

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        current = own_claim(self.run, self.nonce, files)
        if isinstance(current, Outcome):
            return current
        if current.lease_until >= self.lease_until:
            return Outcome(claim=current)
        return written(replace(current, lease_until=self.lease_until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Give a run back. Without an answer it is as if it had never been taken; with one, the next apply delivers it.

    Where a newer slot's skip has passed its own, the claim stays, ended: nothing else would tell that it is to be run.
    `usage` is what the attempt used up to `spent_at`; `heir` is the task's new id where it was renamed.
    """

    run: RunId
    nonce: str
    now: datetime
    usage: Usage = Usage()
    spent_at: datetime | None = None
    heir: str = ""
    word: str = "released"

    @property
    def subject(self) -> str:
        return self.run

    @property
    def needs(self) -> Needs:
        return Needs(paths=(open_path(self.run), *_heads(self.run, self.heir)))

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        current = own_claim(self.run, self.nonce, files)
        if isinstance(current, Outcome):
            # Already gone: that is what was wanted.
            return current if current.refusal is Refusal.UNREADABLE else Outcome()
        owed = self._owed(current, files)
        first = current.phase is Phase.CLAIMED and current.attempt == 1
        if first and not current.requested and not settled_slot(self.run, files):
            return Outcome(files={open_path(self.run): None, **owed})
        if current.lease_until == self.now or (current.lease_until < self.now and not owed):
            return Outcome(claim=current)
        ended = written(
            replace(current, lease_until=self.now, attempt=0 if first and current.requested else current.attempt)
        )
        return replace(ended, files={**ended.files, **owed})

    def _owed(self, current: Claim, files: Mapping[str, bytes]) -> dict[str, bytes | None]:
        """An answer that is stored says itself what it used."""
        if current.answer is not None or self.usage == Usage() or self.spent_at is None:
            return {}
        return _charged(self.run, self.heir, files, self.usage, self.spent_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Count what an attempt used whose run somebody else has taken over: money, and nothing else of the run."""

    run: RunId
    usage: Usage
    spent_at: datetime
    heir: str = ""
    word: str = "charged"

    @property
    def subject(self) -> str:
        return self.run

    @property
    def needs(self) -> Needs:
        return Needs(paths=_heads(self.run, self.heir))

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        return Outcome(files=_charged(self.run, self.heir, files, self.usage, self.spent_at))


def own_claim(run: str, nonce: str, files: Mapping[str, bytes]) -> Claim | Outcome:
    """The fence: the claim as it stands, if it is still ours; else the refusal."""
    current = read_claim(run, files)
    if isinstance(current, Diagnostic):
        return refuse(Refusal.UNREADABLE)
    if current is None or current.nonce != nonce:
        return refuse(Refusal.LOST, current)
    return current


def written(claim: Claim) -> Outcome:
    return Outcome(files={open_path(claim.run): encode(claim)}, claim=claim)


def read_claim(run: str, files: Mapping[str, bytes]) -> Claim | Diagnostic | None:
    path = open_path(run)
    return read_document(Claim, path, files[path]) if path in files else None


def read_head(task: str, files: Mapping[str, bytes]) -> Head | None:
    """The head, or None when there is none that can be read."""
    path = head_path(task)
    head = read_document(Head, path, files[path]) if path in files else None
    return head if isinstance(head, Head) else None


def settled_slot(run: str, files: Mapping[str, bytes]) -> bool:
    """Whether the head of the run's task says that the run's slot has ended."""
    slot = slot_of(run)
    head = read_head(run.partition("@")[0], files)
    return slot is not None and head is not None and is_settled(head, slot)


def recorded_at(run: str, files: Mapping[str, bytes]) -> str | None:
    """Where the run's record lies, whatever day it is filed under."""
    if slot := slot_of(run):
        path = record_path(run, slot.date())
        return path if path in files else None
    name = f"/{file_name(run)}"
    return next((path for path in files if path.startswith("runs/") and path.endswith(name)), None)


def record_needs(run: str) -> Needs:
    """What to read to know whether a run has a record."""
    slot = slot_of(run)
    return Needs(paths=(record_path(run, slot.date()),)) if slot else Needs(names=(file_name(run),))


def _heads(run: str, heir: str) -> tuple[str, ...]:
    return (PRUNED, *(head_path(task) for task in dict.fromkeys((run.partition("@")[0], heir)) if task))


def _remembering(run: str, heir: str, files: Mapping[str, bytes]) -> str:
    """The task whose head the run is remembered in: once it has moved, that of the new id."""
    task = run.partition("@")[0]
    return heir if heir and head_path(task) not in files else task


def _charged(
    run: str, heir: str, files: Mapping[str, bytes], usage: Usage, spent_at: datetime
) -> dict[str, bytes | None]:
    task = _remembering(run, heir, files)
    head = read_head(task, files)
    if head is None:
        return kept({day_of(spent_at): usage.cost_usd or 0.0}, files)
    return {head_path(task): encode(owing(head, run, usage, spent_at))}


def _with_earlier(claim: Claim, task: str, files: Mapping[str, bytes]) -> Claim:
    head = read_head(task, files)
    earlier = head.cut_off.get(claim.run) if head else None
    return replace(claim, earlier_usage=earlier) if earlier else claim


def _with_record(run: str, paths: tuple[str, ...]) -> Needs:
    record = record_needs(run)
    return Needs(paths=(*paths, *record.paths), names=record.names)


def _after_cut(delivery: Delivery) -> Delivery:
    if delivery.status is not DeliveryStatus.SENDING:
        return delivery
    once = delivery.guarantee == "at_most_once"
    return replace(delivery, status=DeliveryStatus.UNKNOWN if once else DeliveryStatus.PENDING)
