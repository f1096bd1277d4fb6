"""What the files of the ledger say: the marker, heads, claims and records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from octops.errors import Diagnostic, GitError, Location, Severity
from octops.ledger.codec import Corrupt, decode, encode
from octops.ledger.layout import MARKER
from octops.model.history import Head, OpenRun
from octops.model.ids import RunId, TaskId
from octops.model.run import Delivery, Record, Usage

FORMAT = 1
T = TypeVar("T")


class Phase(StrEnum):
    CLAIMED = "claimed"
    ANSWERED = "answered"
    """The answer is stored: no model is asked again."""
    DELIVERING = "delivering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """`lineage` is made up once: another one is another ledger, whatever the branch is called.

    `writes` counts the commits octops made: fewer than before means that the branch went back.
    """

    format: int
    lineage: str
    writes: int = 0
    as_of: datetime | None = None
    """The newest time by which an apply has judged what is due; `--now` can set it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run taken by one runner. Whoever does not know the nonce may write nothing for it."""

    run: RunId
    task: TaskId
    scheduled_at: datetime | None = None
    name: str = ""
    trigger: str = "schedule"
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_catch_up: bool = False
    window_start: datetime | None = None
    phase: Phase = Phase.CLAIMED
    attempt: int = 1
    nonce: str
    runner: str
    claimed_at: datetime
    lease_until: datetime
    requested: bool = False
    """Asked for by name and left to an apply: given back, it waits for the next one."""
    earlier_usage: Usage | None = None
    """What attempts used that were cut off before this one, as far as it is known."""
    answer: Record | None = None
    """The record to be, with its deliveries, once there is an answer."""

    @property
    def pending(self) -> bool:
        """Asked for by name, and started by nobody yet: it is held by nobody, and nothing of it is lost."""
        return self.attempt == 0

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        return self.answer.deliveries if self.answer else ()

    @property
    def open_run(self) -> OpenRun:
        """The claim as the planner sees it."""
        return OpenRun(
            id=self.run,
            task=self.task,
            scheduled_at=self.scheduled_at,
            phase=self.phase.value if self.answer else Phase.CLAIMED.value,
            attempt=self.attempt,
            runner=self.runner,
            lease_until=self.lease_until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What the tasks had spent whose heads were forgotten: budgets still count it."""

    spent_usd: Mapping[str, float] = field(default_factory=dict)
    """As in a head: US dollars by UTC day."""


def read_document(kind: type[T], path: str, content: bytes) -> T | Diagnostic:
    """A file of the ledger, or what is wrong with it: one bad file never hides another."""
    try:
        return decode(kind, content)
    except Corrupt as error:
        return unreadable(path, str(error))


def unreadable(path: str, why: str) -> Diagnostic:
    return Diagnostic(
        severity=Severity.WARNING,
        code="corrupt-ledger-file",
        summary=f"`{path}` on the records branch cannot be read: {why}",
        detail="the file is passed over; restore it from the branch's history or delete it there",
        location=Location(filename=path),
    )


def read_marker(content: bytes | None) -> Marker:
    """Raises GitError for a branch that is no ledger of ours, or one a newer octops wrote."""
    try:
        marker = decode(Marker, content or b"")
    except Corrupt as error:
        raise _no_ledger("" if content is None else str(error)) from error
    if marker.format > FORMAT:
        raise GitError(
            f"the ledger has format {marker.format}, and this octops knows up to {FORMAT}",
            code="newer-ledger",
            detail="update octops: a newer one has written to this ledger",
        )
    return marker


def _no_ledger(damage: str) -> GitError:
    found = f"its `{MARKER}` cannot be read: {damage}" if damage else f"it holds no `{MARKER}`"
    return GitError(
        f"the records branch is not a ledger: {found}",
        code="not-a-ledger",
        detail="if it was one, restore that file from the branch's history; "
        "else name another branch under `records.branch` in octops.yaml",
    )


__all__ = [
    "FORMAT",
    "Claim",
    "Head",
    "Marker",
    "Phase",
    "Pruned",
    "Record",
    "encode",
    "read_document",
    "read_marker",
    "unreadable",
]
