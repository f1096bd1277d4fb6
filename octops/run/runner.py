"""Many runs at once: bounded, one task's runs in order, and none of them able to end another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from octops.errors import OctopsError
from octops.local.weights import is_local
from octops.model.ids import RunId
from octops.model.run import Record
from octops.plan.closure import model_chain
from octops.run.chain import warmed
from octops.run.errand import Errand
from octops.run.one import OneRun
from octops.run.places import NotStarted, Places
from octops.run.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What became of the errands, each run in one place."""

    records: tuple[Record, ...] = ()
    left_alone: tuple[RunId, ...] = ()
    """Somebody else has them, or has finished them."""
    not_started: tuple[RunId, ...] = ()
    """No time or no money was left, or the apply was interrupted: they are due next time."""
    broken: tuple[tuple[RunId, OctopsError], ...] = ()
    """The ledger could not be written for these (a task's id where it was its definition); what was stored stays."""


@dataclass(slots=True)
class _Tally:
    records: list[Record]
    left_alone: list[RunId]
    not_started: list[RunId]
    broken: list[tuple[RunId, OctopsError]]


@dataclass(slots=True)
class _Ending:
    """Counts the runs that have more to write than their records: after the last one the ledger need not wait."""

    left: int
    site: Site

    def one(self) -> None:
        self.left -= 1
        if not self.left and self.site.writer is not None:
            self.site.writer.soon()


async def carry_out(
    errands: Sequence[Errand], site: Site, *, parallelism: int, may_start: Callable[[], bool] = lambda: True
) -> Carried:
    """Carry out the errands, in their order as far as `parallelism` allows; `may_start` is asked before each.

    `parallelism` bounds the runs that ask models and tools; some more are claimed before, and delivered after.

    Cancelled, it gives back what has no stored answer and returns nothing. A bug in one run is raised at the end,
    when the others are done.
    """
    places = Places(parallelism, may_start)
    tally = _Tally([], [], [], [])
    ending = _Ending(len(errands), site)

    warming = asyncio.create_task(_warm(errands, site))

    async def in_order(queue: Sequence[Errand]) -> None:
        for number, errand in enumerate(queue, start=1):
            run = OneRun(errand, site, places, ending.one)
            await _one(errand, run, tally)
            if run.elsewhere:
                # Whoever has this one goes on with the next: a task's runs never overlap.
                tally.left_alone += [later.run for later in queue[number:]]
                for _ in queue[number:]:
                    ending.one()
                return

    results = await asyncio.gather(*map(in_order, _by_task(errands)), return_exceptions=True)
    warming.cancel()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return Carried(
        records=tuple(tally.records),
        left_alone=tuple(tally.left_alone),
        not_started=tuple(tally.not_started),
        broken=tuple(tally.broken),
    )


async def _warm(errands: Sequence[Errand], site: Site) -> None:
    """What takes seconds to import is imported while the first claims are written."""
    for errand in errands:
        if errand.task is not None and not errand.take_over:
            chain = model_chain(site.project.model_of(errand.task), site.project)
            if not all(is_local(alias.model) for alias in chain):
                await warmed(chain, errand.task)
            return


async def _one(errand: Errand, run: OneRun, tally: _Tally) -> None:
    try:
        record = await run.carry_out()
    except NotStarted:
        tally.not_started.append(errand.run)
    except OctopsError as error:
        tally.broken.append((errand.run, error))
    else:
        if record is None:
            tally.left_alone.append(errand.run)
        else:
            tally.records.append(record)


def _by_task(errands: Sequence[Errand]) -> list[list[Errand]]:
    """One queue per task, in the order of each queue's first errand."""
    queues: dict[str, list[Errand]] = {}
    for errand in errands:
        queues.setdefault(_task_of(errand), []).append(errand)
    return list(queues.values())


def _task_of(errand: Errand) -> str:
    return errand.run.partition("@")[0]
