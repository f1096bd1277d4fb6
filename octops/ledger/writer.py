"""One writer for many runs: what waits is written together, and each waiter learns its own outcome."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from octops.ledger.ledger import Ledger
from octops.ledger.outcome import Outcome, Transition
from octops.ledger.pace import Pace

Waiting: TypeAlias = "Future[Outcome]"
GATHER_SECONDS = 0.02
"""How long the first waits for company."""
FIRST_SECONDS = 0.2
"""The same for the first commit of an apply: definitions, skips and claims are put in line one after the other."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    transition: Transition
    future: Waiting


class Writer:
    """Groups transitions into commits, within the push budget. The ledger is its own until it is closed.

    A future's result is there only after the push: whoever got `accepted` for a claim may spend money.
    In asyncio: `await asyncio.wrap_future(writer.submit(...)[0])`.
    """

    def __init__(
        self, ledger: Ledger, pace: Pace, *, gather_seconds: float = GATHER_SECONDS, first_seconds: float = 0.0
    ) -> None:
        self._ledger = ledger
        self._pace = pace
        self._gather_seconds = gather_seconds
        self._first_seconds = first_seconds
        self._lock = threading.Lock()
        self._now = threading.Event()
        self._hurried = False
        self._waiting: list[_Wanted] = []
        self._taken: list[_Wanted] = []
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="octops-ledger")
        self._scheduled = False

    def submit(self, *transitions: Transition) -> tuple[Waiting, ...]:
        """Put transitions in line, in their order; those of one call stay in one commit."""
        wanted = [_Wanted(transition, _started()) for transition in transitions]
        with self._lock:
            self._waiting += wanted
            if not self._scheduled:
                self._schedule()
        return tuple(one.future for one in wanted)

    def soon(self) -> None:
        """Write what waits at once, whatever the budget, this one time: there is no company to wait for."""
        self._now.set()

    def hurry(self) -> None:
        """From now on write what waits at once, whatever the budget: the process is about to end."""
        self._hurried = True
        self._now.set()

    def close(self, *, hurry: bool = True) -> None:
        """Write what waits (at once, whatever the budget, when in a hurry) and stop."""
        if hurry:
            self.hurry()
        while True:
            with self._lock:
                waiting = [one.future for one in (*self._taken, *self._waiting)]
            if not waiting:
                break
            for future in waiting:
                future.exception()
        self._thread.shutdown()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _schedule(self) -> None:
        self._scheduled = True
        self._thread.submit(self._flush).add_done_callback(self._flushed)

    def _flush(self) -> Sequence[Outcome]:
        self._now.wait(max(self._gather_seconds, self._first_seconds, self._pace.left()))
        self._first_seconds = 0.0
        with self._lock:
            self._taken, self._waiting = self._waiting, []
            if not self._hurried:
                self._now.clear()
        return self._ledger.write([one.transition for one in self._taken], before_push=self._pace.push)

    def _flushed(self, flush: Future[Sequence[Outcome]]) -> None:
        error = flush.exception()
        with self._lock:
            taken, self._taken = self._taken, []
            self._scheduled = False
            if self._waiting:
                self._schedule()
        if error is not None:
            for one in taken:
                one.future.set_exception(error)
            return
        for one, outcome in zip(taken, flush.result(), strict=True):
            one.future.set_result(outcome)


def _started() -> Waiting:
    """A future nobody can cancel: who waits for it may go away, and what was put in line is written all the same."""
    future: Waiting = Future()
    future.set_running_or_notify_cancel()
    return future
