"""How the work of one plan is shared among applies that run at the same time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from octops.model.plan import ChangeAction, Plan, RunAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of `of` applies, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def holds(self, task: str) -> bool:
        """Every task, with all its runs, belongs to one shard, the same on every machine and at every hour."""
        return self.ahead(task) == 0

    def ahead(self, task: str) -> int:
        """How many shards after this one the task's own comes, counted round."""
        # Python's own hash of a text differs from process to process.
        own = int.from_bytes(hashlib.sha256(task.encode()).digest()[:8], "big") % self.of
        return (own - (self.number - 1)) % self.of


def shards(plan: Plan, most: int) -> tuple[Shard, ...]:
    """As many as have work, at most `most`: one for each task to run, or one where there is only something to note.

    The runs of one task come one after the other, whoever does them. What is deleted waits for the next that has work.
    """
    tasks = {run.task for run in plan.runs if run.action in (RunAction.RUN, RunAction.RESUME)}
    noted = any(change.action is not ChangeAction.DELETE for change in plan.changes)
    skipped = any(run.action is RunAction.SKIP for run in plan.runs)
    count = min(most, max(len(tasks), int(noted or skipped)))
    return tuple(Shard(number=number, of=count) for number in range(1, count + 1))
