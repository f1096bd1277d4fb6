"""What a wanted transition comes to: writes, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from octops.ledger.documents import Claim


class Refusal(StrEnum):
    FINISHED = "finished"
    """The run has a record, or the delivery its proof."""
    TAKEN = "taken"
    """Another runner holds the run, and its lease has not ended."""
    LOST = "lost"
    """The lease ended and somebody else took the run over, or freed it: nothing may be written for it any more."""
    MISSING = "missing"
    """There is no such claim, answer, delivery or head."""
    UNREADABLE = "unreadable"
    """The claim on the branch is corrupt: `octops state doctor` names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`files`: path → bytes, None deletes; empty when what was wanted is already so.

    `claim` is the claim afterwards; of a refusal, the one that stands in the way.
    """

    refusal: Refusal | None = None
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    claim: Claim | None = None

    @property
    def accepted(self) -> bool:
        return self.refusal is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What must be read before deciding: exact paths, and file names that may lie in any day's folder."""

    paths: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class Transition(Protocol):
    """One wanted change. `word` says in the commit's subject what was done (`claimed`)."""

    @property
    def word(self) -> str: ...

    @property
    def subject(self) -> str:
        """The run or task it is about."""
        ...

    @property
    def needs(self) -> Needs: ...

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        """Decide on the files that exist among `needs`. The same files always give the same outcome."""
        ...


def refuse(reason: Refusal, claim: Claim | None = None) -> Outcome:
    return Outcome(refusal=reason, claim=claim)
