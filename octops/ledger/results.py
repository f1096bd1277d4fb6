"""Transitions of a result: stored, sent, recorded, or skipped without a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from octops.errors import Diagnostic
from octops.ledger.claims import own_claim, read_claim, read_head, record_needs, recorded_at, written
from octops.ledger.documents import Claim, Phase, encode
from octops.ledger.heads import day_of, is_settled, settle
from octops.ledger.layout import PRUNED, answer_path, head_path, open_path, record_path
from octops.ledger.outcome import Needs, Outcome, Refusal, refuse
from octops.ledger.pruned import kept
from octops.ledger.readable import readable
from octops.model.history import Head
from octops.model.ids import RunId, run_id
from octops.model.run import Delivery, DeliveryStatus, Record, RunStatus
from octops.model.task import Schedule
from octops.plan.settled import settled_until

_FINAL = (DeliveryStatus.DELIVERED, DeliveryStatus.UNKNOWN, DeliveryStatus.SUPPRESSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Keep the answer, with one entry per delivery, before anything is sent. It is never replaced afterwards."""

    run: RunId
    nonce: str
    answer: Record
    lease_until: datetime | None = None
    word: str = "answered"

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
        if current.answer is not None:
            return Outcome(claim=current)
        return written(_leased(replace(current, phase=Phase.ANSWERED, answer=self.answer), self.lease_until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """Keep what became of one delivery: `sending` before the first byte leaves, then `delivered` or `failed`."""

    run: RunId
    nonce: str
    delivery: Delivery
    lease_until: datetime | None = None

    @property
    def word(self) -> str:
        return self.delivery.status.value

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
        known = {delivery.id: delivery for delivery in current.deliveries}
        before = known.get(self.delivery.id)
        if current.answer is None or before is None:
            return refuse(Refusal.MISSING, current)
        if before == self.delivery:
            return Outcome(claim=current)
        if before.status in _FINAL:
            return refuse(Refusal.FINISHED, current)
        deliveries = tuple({**known, self.delivery.id: self.delivery}.values())
        answer = replace(current.answer, deliveries=deliveries)
        return written(_leased(replace(current, phase=Phase.DELIVERING, answer=answer), self.lease_until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """Turn a claim into a record.

    `schedule` and `zone` tell how far the task's slots have come without a gap. `settled_until` says so outright.
    `heir` is the task's new id where it was renamed: once the head has moved, that is where the run is remembered.
    """

    run: RunId
    nonce: str
    record: Record
    schedule: Schedule | None = None
    zone: str = "UTC"
    settled_until: datetime | None = None
    heir: str = ""

    @property
    def word(self) -> str:
        return self.record.status.value

    @property
    def subject(self) -> str:
        return self.run

    @property
    def needs(self) -> Needs:
        record = record_needs(self.run)
        heads = (head_path(task) for task in (self.record.task, self.heir) if task)
        return Needs(paths=(open_path(self.run), PRUNED, *heads, *record.paths), names=record.names)

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        place = recorded_at(self.run, files)
        if place is not None:
            # Ours, when a push arrived whose answer did not.
            return Outcome() if files[place] == encode(self.record) else refuse(Refusal.FINISHED)
        current = own_claim(self.run, self.nonce, files)
        if isinstance(current, Outcome):
            return current
        path = record_path(self.run, current.claimed_at.date())
        moved = self.heir and head_path(self.record.task) not in files
        task = self.heir if moved else self.record.task
        head = read_head(task, files)
        until = self.settled_until or _reached(head, self.record, self.schedule, self.zone)
        spent = {day_of(self.record.finished_at): self.record.usage.cost_usd or 0.0}
        settled = _settled_head(task, head, self.record, until) if head else kept(spent, files)
        return Outcome(files={**_recorded(path, self.record), **settled, open_path(self.run): None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Record slots that will not run. Nothing is skipped that somebody holds, has answered or has finished.

    A skip ends every slot up to its own, and the claim of its own run where that had ended at `leases_at`, when the
    skip was decided (None: when the record says).
    """

    record: Record
    leases_at: datetime | None = None
    schedule: Schedule | None = None
    zone: str = "UTC"
    settled_until: datetime | None = None
    word: str = "skipped"

    @property
    def subject(self) -> str:
        return self.record.run

    @property
    def needs(self) -> Needs:
        found = [record_needs(run) for run in self._runs]
        paths = [path for need in found for path in need.paths]
        opens = [open_path(run) for run in self._runs]
        return Needs(paths=(head_path(self.record.task), *paths, *opens))

    @property
    def _runs(self) -> tuple[RunId, ...]:
        return (self.record.run, *(run_id(self.record.task, slot) for slot in self.record.covers))

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        place = recorded_at(self.record.run, files)
        if place is not None:
            return Outcome() if files[place] == encode(self.record) else refuse(Refusal.FINISHED)
        claims = [claim for run in self._runs if (claim := read_claim(run, files)) is not None]
        taken = [claim for claim in claims if not self._abandoned(claim)]
        if taken:
            return refuse(Refusal.TAKEN, taken[0] if isinstance(taken[0], Claim) else None)
        if any(recorded_at(run, files) for run in self._runs) or (not claims and self._settled(files)):
            return refuse(Refusal.FINISHED)
        path = record_path(self.record.run, self.record.finished_at.date())
        head = read_head(self.record.task, files)
        until = self.settled_until or _reached(head, self.record, self.schedule, self.zone)
        ended: dict[str, bytes | None] = {open_path(self.record.run): None} if claims else {}
        return Outcome(
            files={**_recorded(path, self.record), **_settled_head(self.record.task, head, self.record, until), **ended}
        )

    def _abandoned(self, claim: Claim | Diagnostic) -> bool:
        """Its runner was gone without an answer when the skip was decided."""
        if isinstance(claim, Diagnostic) or claim.run != self.record.run:
            return False
        return claim.answer is None and claim.lease_until < (self.leases_at or self.record.finished_at)

    def _settled(self, files: Mapping[str, bytes]) -> bool:
        head = read_head(self.record.task, files)
        slot = self.record.scheduled_at
        return head is not None and slot is not None and is_settled(head, slot)


def _leased(claim: Claim, lease_until: datetime | None) -> Claim:
    return replace(claim, lease_until=max(claim.lease_until, lease_until)) if lease_until else claim


def _recorded(path: str, record: Record) -> dict[str, bytes | None]:
    files: dict[str, bytes | None] = {path: encode(record)}
    if record.text:
        files[answer_path(path)] = readable(record)
    return files


def _reached(head: Head | None, record: Record, schedule: Schedule | None, zone: str) -> datetime | None:
    if head is None or record.scheduled_at is None:
        return None
    skipped = [record.scheduled_at] if record.status is RunStatus.SKIPPED else []
    return settled_until(head, [record.scheduled_at], skipped=skipped, schedule=schedule, zone=zone)


def _settled_head(task: str, head: Head | None, record: Record, until: datetime | None) -> dict[str, bytes | None]:
    return {head_path(task): encode(settle(head, record, settled_until=until))} if head else {}
