"""The one place in a process where local models work: runs stand in a queue, and one model is loaded at a time."""

from __future__ import annotations

import asyncio
import atexit
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final, Protocol, TypeVar

from octops.local.runtime import Engine

T = TypeVar("T")


class Loaded(Protocol):
    def close(self) -> None: ...


class Desk:
    """First come, first served. Two models that answered side by side would take twice as long, each."""

    def __init__(self, load: Callable[[Path, int], Loaded] = Engine) -> None:
        self._load = load
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="octops-local-model")
        self._place: Path | None = None
        self._engine: Loaded | None = None

    def holds(self, path: Path) -> bool:
        return self._place == path

    async def do(self, work: Callable[[Callable[[], bool]], T], seconds: float) -> T:
        """`work` in the desk's thread; it is asked to stop when `seconds` are over or nobody waits any more.

        Raises TimeoutError, and whatever `work` raises.
        """
        left = threading.Event()
        ends_at = time.monotonic() + seconds

        def going_on() -> bool:
            return not left.is_set() and time.monotonic() < ends_at

        future = self._worker.submit(work, going_on)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.wrap_future(future)
        finally:
            left.set()

    def engine(self, path: Path, threads: int, check: Callable[[], None]) -> Loaded:
        """The loaded model; only for `work`. `check` is called before a file is loaded, and may raise."""
        if self._engine is None or self._place != path:
            self.close()
            check()
            self._engine = self._load(path, threads)
            self._place = path
        return self._engine

    def close(self) -> None:
        """Give the memory back; only for `work`, or when nothing works any more."""
        engine, self._engine, self._place = self._engine, None, None
        if engine is not None:
            engine.close()


@cache
def desk() -> Desk:
    made = Desk()
    # While Python still stands: the runtime has threads of its own, which must not outlive it.
    atexit.register(made.close)
    return made


__all__: Final = ["Desk", "Loaded", "desk"]
