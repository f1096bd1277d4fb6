"""What a run has put in line for the ledger, as a coroutine waits for it."""

from __future__ import annotations

import asyncio

from octops.ledger.outcome import Outcome, Transition
from octops.ledger.writer import Writer


class Writing:
    """Transitions of one commit. They are written whatever becomes of who waits, and can be waited for again."""

    def __init__(self, writer: Writer, *transitions: Transition) -> None:
        self._writer = writer
        self._waiting = writer.submit(*transitions)

    async def done(self) -> tuple[Outcome, ...]:
        """Raises GitError when the ledger could not be written."""
        # The outcomes of one commit are known in their order: with the last one all are.
        await asyncio.wrap_future(self._waiting[-1])
        return tuple(one.result() for one in self._waiting)

    async def hurried(self) -> tuple[Outcome, ...]:
        """At once, whatever the push budget: who waits is about to end."""
        self._writer.hurry()
        return await self.done()
