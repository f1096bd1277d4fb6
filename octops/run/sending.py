"""When a request leaves: one after the other, so that answers do not come as one either."""

from __future__ import annotations

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

APART_SECONDS: Final = 0.006
"""About what reading one answer takes. A hundred requests sent at once are answered at once, and then each answer
waits until all of them are read, again and again; apart they stay out of each other's way."""

_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def one_by_one() -> None:
    """Return when it is this caller's turn to send; the first waits no longer than the others are apart."""
    async with _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        await asyncio.sleep(APART_SECONDS)
