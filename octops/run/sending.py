"""When a request leaves: a few together, then none for a moment, so that answers come a few together too."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

TOGETHER: Final = 10
"""Handled side by side, so many cost a fifth less than one after the other. A hundred at once are answered at once, and
then nothing is done until the next hundred answers."""
APART_SECONDS: Final = 0.06
"""About what reading so many answers takes."""


@dataclass(slots=True)
class Door:
    """Lets `TOGETHER` through, and is closed until `APART_SECONDS` after the first of them."""

    _opened_at: float = float("-inf")
    _through: int = 0

    def next(self, now: float) -> float:
        """When the next one may leave; asked once for each. In the clock of `now`, in seconds."""
        if now >= self._opened_at + APART_SECONDS:
            self._opened_at, self._through = now, 0
        elif self._through == TOGETHER:
            self._opened_at, self._through = self._opened_at + APART_SECONDS, 0
        self._through += 1
        return self._opened_at


_doors: WeakKeyDictionary[asyncio.AbstractEventLoop, Door] = WeakKeyDictionary()


async def in_turn() -> None:
    """Return when a request may leave: at once, unless many have left just before."""
    loop = asyncio.get_running_loop()
    now = loop.time()
    wait = _doors.setdefault(loop, Door()).next(now) - now
    if wait > 0:
        await asyncio.sleep(wait)
