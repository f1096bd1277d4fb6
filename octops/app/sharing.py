"""One of several applies: its own share of the runs, and then what the others have not taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from octops.app.planning import Planned
from octops.app.wishes import Wishes, errands_of
from octops.errors import Diagnostic, GitError, Severity
from octops.model.history import History
from octops.model.plan import PlannedRun
from octops.plan.shards import Shard

if TYPE_CHECKING:
    from octops.run.errand import Errand
    from octops.run.runner import Carried


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What nobody has taken, and the ledger it was found in."""

    errands: tuple[Errand, ...]
    history: History


class Sharing:
    """Names every run of the plan once: `own` at first, the others' when they are asked for.

    Nothing here keeps the shards apart: the claim does. A run that is named and was taken in the meantime is refused
    by the ledger.
    """

    def __init__(self, planned: Planned, errands: Sequence[Errand], wishes: Wishes) -> None:
        shard = wishes.shard
        assert shard is not None, "who is alone shares with nobody"
        self.shard = shard
        self._planned = planned
        self._wishes = wishes
        self.own = tuple(errand for errand in errands if shard.holds(_task_of(errand.run)))
        self._unnamed = {errand.run for errand in errands} - {errand.run for errand in self.own}

    def left(self, left_usd: float | None) -> Found | None:
        """What others have not taken by now; None: nothing. Raises GitError when the ledger cannot be read.

        With `left_usd`, what may still be spent, they come one by one, and only those that are expected to cost no
        more: whoever has the money does the others. The ledger is read here, in the caller's thread: its writer must
        have nothing in hand.
        """
        if not self._unnamed:
            return None
        planned = self._again()
        wanted = {run.id for run in planned.plan.runs if run.id in self._unnamed and _affordable(run, left_usd)}
        found = tuple(in_turn((it for it in errands_of(planned, self._wishes) if it.run in wanted), self.shard))
        if left_usd is not None:
            # What a call may cost at the most is set aside before it: two at once would take it from each other.
            found = found[:1]
        self._unnamed -= {errand.run for errand in found}
        return Found(errands=found, history=planned.history) if found else None

    def _again(self) -> Planned:
        """The same plan, by the ledger as it is now: of the runs that were planned, those still to be done."""
        from octops.ledger.history import read_history
        from octops.plan.reconcile import reconcile

        planned, plan = self._planned, self._planned.plan
        assert planned.ledger is not None, "nothing is applied without a ledger"
        planned.ledger.refresh()
        history = read_history(planned.ledger, plan.as_of, leases_at=planned.leases_at).history
        again = reconcile(
            planned.loaded.project,
            history,
            plan.as_of,
            activations=plan.activations,
            tzdata=plan.tzdata,
            targets={run.task for run in plan.runs if run.id in self._unnamed},
        )
        return replace(planned, plan=again, history=history)


def in_turn(errands: Iterable[Errand], shard: Shard) -> Iterator[Errand]:
    """The next shard's tasks first, each shard's last ones first: helpers meet neither each other nor the owner.

    The runs of one task stay in their order.
    """
    by_task: dict[str, list[Errand]] = {}
    for errand in errands:
        by_task.setdefault(_task_of(errand.run), []).append(errand)
    last_first = list(reversed(by_task))
    for task in sorted(last_first, key=shard.ahead):
        yield from by_task[task]


def with_others(own: Carried, more: Carried) -> Carried:
    """A shard's share with what it did for others. What it did not do for them is theirs to tell."""
    return replace(own, records=(*own.records, *more.records), broken=(*own.broken, *more.broken))


def not_read(shard: Shard, error: GitError) -> Diagnostic:
    """Why a shard did its own share and no more: that is no failure, the next apply finds what is left."""
    return Diagnostic(
        severity=Severity.WARNING,
        code="shard-alone",
        summary=f"the ledger could not be read again, so only the share of `{shard}` was done",
        detail=error.diagnostics[0].summary,
    )


def _affordable(run: PlannedRun, left_usd: float | None) -> bool:
    if left_usd is None or run.reason == "open_delivery":
        return True
    cost = run.estimate.cost_usd if run.estimate else None
    return cost is not None and cost <= left_usd


def _task_of(run: str) -> str:
    return run.partition("@")[0]
