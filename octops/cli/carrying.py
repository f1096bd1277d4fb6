"""Runs a coroutine to its end, or until SIGINT or SIGTERM: then what is in hand is finished and the rest given back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

LAST_SECONDS = 8.0
"""How long an interrupted command may take to give its claims back."""


def carry_out(work: Coroutine[Any, Any, object]) -> bool:
    """True when it was interrupted. A second signal ends it at once."""
    return asyncio.run(_until_signal(work))


async def _until_signal(work: Coroutine[Any, Any, object]) -> bool:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    interrupted = False

    def stop() -> None:
        nonlocal interrupted
        interrupted = True
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        done, _ = await asyncio.wait({task})
        for one in done:
            if not one.cancelled():
                one.result()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    return interrupted
