"""Requests that a test holds back until it has done something else."""

from __future__ import annotations

import threading

SECONDS = 60
"""How long a request waits at the most, so that no failing test hangs."""


class Gates:
    """A step of the loopback server: the first model call of a run, or delivery to a hook, waits until it is let go."""

    def __init__(self, *held: tuple[str, str]) -> None:
        self._arrived = {request: threading.Event() for request in held}
        self._open = threading.Event()

    def __call__(self, kind: str, moment: str, number: int, subject: str) -> None:
        arrived = self._arrived.get((kind, subject))
        if moment == "before" and arrived is not None and not arrived.is_set():
            arrived.set()
            self._open.wait(SECONDS)

    def arrived(self) -> bool:
        """Wait until all of them are there."""
        return all(event.wait(SECONDS) for event in self._arrived.values())

    def let_go(self) -> None:
        self._open.set()
