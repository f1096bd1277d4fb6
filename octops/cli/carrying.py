"""Runs a coroutine to its end, or until SIGINT or SIGTERM: then what is in hand is finished and the rest given back."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from octops.errors import Diagnostic, Exit

if TYPE_CHECKING:
    from octops.app.wishes import Applied


LAST_SECONDS = 7.0
"""How long an interrupted command may take to give its claims back."""
END_SECONDS = 9.0
"""When it is gone at the latest: those who send the signal wait ten seconds before they kill."""


def carry_out(work: Coroutine[Any, Any, object]) -> bool:
    """True when it was interrupted. A second signal, or `LAST_SECONDS`, ends the giving back too."""
    _close_the_environment()
    return asyncio.run(_until_signal(work))


def _close_the_environment() -> None:
    """Keep processes that octops starts from reading its own environment, keys and all, under /proc.

    Linux only; root can read it all the same.
    """
    if sys.platform == "linux":
        set_dumpable = 4  # PR_SET_DUMPABLE, prctl(2)
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(set_dumpable, 0, 0, 0, 0)


async def _until_signal(work: Coroutine[Any, Any, object]) -> bool:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    interrupted = False

    def stop() -> None:
        nonlocal interrupted
        if not interrupted:
            loop.call_later(LAST_SECONDS, task.cancel)
            _end_later()
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


def _end_later() -> None:
    """A remote that does not answer must not hold the process: what it was told so far is enough to go on from."""
    timer = threading.Timer(END_SECONDS, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    sys.stderr.write(
        "interrupted: the ledger could not be reached in time; claims that are left end with their lease\n"
    )
    sys.stderr.flush()
    os._exit(Exit.INTERRUPTED)


def ended(applied: Applied) -> Exit:
    """The exit code of a command that was to carry out runs, and was not interrupted."""
    if applied.nothing_run:
        return Exit.ERROR
    return Exit.RUN_FAILED if applied.troubled else Exit.DONE


def broken_diagnostics(applied: Applied) -> list[Diagnostic]:
    """Why the ledger could not be written, each reason once."""
    broken = applied.carried.broken if applied.carried else ()
    return list(dict.fromkeys(diagnostic for _, error in broken for diagnostic in error.diagnostics))
