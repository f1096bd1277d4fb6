"""How many runs may be at each step at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

AHEAD: Final = 3
"""Claims taken, and answers delivered, for each conversation that may go on: the ledger is written in groups, and no
conversation waits for it."""


class NotStarted(Exception):
    """There was no time or no money left when the run's turn came: its claim was given back."""


class Places:
    """Only conversations count as parallel runs. `may_start` is asked before each claim and each conversation."""

    def __init__(self, parallelism: int, may_start: Callable[[], bool] = lambda: True) -> None:
        self.may_start = may_start
        self.conversing = asyncio.Semaphore(parallelism)
        self.ahead = asyncio.Semaphore(parallelism * AHEAD)
        """From the claim to the conversation."""
        self.delivering = asyncio.Semaphore(parallelism * AHEAD)

    async def converse(self, seconds: float) -> bool:
        """Take a place to converse; False when there was none within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self.conversing.acquire()
        except TimeoutError:
            return False
        return True
