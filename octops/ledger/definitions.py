"""Transitions of heads: a definition is applied, moved or pruned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from octops.ledger.claims import read_head
from octops.ledger.documents import encode
from octops.ledger.heads import defined
from octops.ledger.layout import PRUNED, head_path
from octops.ledger.outcome import Needs, Outcome, Refusal, refuse
from octops.ledger.pruned import kept
from octops.model.history import Definition
from octops.model.ids import TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class Define:
    """Note the definition that is in force from now on. Slots settled before stay settled.

    `expected`: the hash that was planned against (empty: no head); another one by now is refused as `taken`, unless it
    is what was to be noted: then whoever was faster has done so, and since when it counts stays as they saw it.
    """

    task: TaskId
    definition: Definition
    activated_at: datetime
    revision: str = ""
    expected: str | None = None
    word: str = "applied"

    @property
    def subject(self) -> str:
        return self.task

    @property
    def needs(self) -> Needs:
        return Needs(paths=(head_path(self.task),))

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        head = read_head(self.task, files)
        after = defined(head, self.definition, self.revision, self.activated_at)
        found = head.definition.hash if head else ""
        if self.expected is not None and found != self.expected:
            return Outcome() if found == self.definition.hash else refuse(Refusal.TAKEN)
        path = head_path(self.task)
        content = encode(after)
        return Outcome(files={} if files.get(path) == content else {path: content})


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Give a renamed task the head of its old name."""

    source: TaskId
    target: TaskId
    word: str = "moved"

    @property
    def subject(self) -> str:
        return self.target

    @property
    def needs(self) -> Needs:
        return Needs(paths=(head_path(self.source), head_path(self.target)))

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        head = files.get(head_path(self.source))
        if head is None:
            return Outcome() if head_path(self.target) in files else refuse(Refusal.MISSING)
        if head_path(self.target) in files:
            return refuse(Refusal.TAKEN)
        return Outcome(files={head_path(self.source): None, head_path(self.target): head})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune:
    """Forget a deleted task's head, but not what it spent. Its records stay."""

    task: TaskId
    word: str = "pruned"

    @property
    def subject(self) -> str:
        return self.task

    @property
    def needs(self) -> Needs:
        return Needs(paths=(head_path(self.task), PRUNED))

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        path = head_path(self.task)
        if path not in files:
            return Outcome()
        head = read_head(self.task, files)
        return Outcome(files={path: None, **(kept(head.spent_usd, files) if head else {})})
