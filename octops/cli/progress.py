"""What an apply tells while it works, on stderr: a live line on a terminal, one line per event elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from octops.model.events import Answered, Asking, Ended, LeftAlone, RunEvent
from octops.model.ids import RunId
from octops.model.run import Usage
from octops.report.progress import line, waiting

TOGETHER_SECONDS: Final = 0.1


@contextmanager
def progress() -> Iterator[Callable[[RunId, RunEvent], None]]:
    if sys.stderr.isatty():
        with _live() as tell:
            yield tell
    else:
        with Lines() as tell:
            yield tell


class Lines:
    """A line per event; and when none came for `quiet_seconds`, one that says which models are still asked.

    Lines that come close together are written together: each write of its own would let other threads in.
    """

    def __init__(self, quiet_seconds: float = 10) -> None:
        self._quiet_seconds = quiet_seconds
        self._asked_at: dict[RunId, float] = {}
        self._unwritten: list[str] = []
        self._told_at = time.monotonic()
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._break_silence, daemon=True)

    def __enter__(self) -> Lines:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()
        self._write()

    def __call__(self, run: RunId, event: RunEvent) -> None:
        if isinstance(event, Asking):
            self._asked_at[run] = time.monotonic()
        else:
            self._asked_at.pop(run, None)
        if text := line(run, event):
            self._told_at = time.monotonic()
            self._unwritten.append(text)
            if len(self._unwritten) == 1:
                self._write_soon()

    def _write_soon(self) -> None:
        import asyncio

        try:
            asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._write)
        except RuntimeError:
            self._write()

    def _write(self) -> None:
        lines, self._unwritten = self._unwritten, []
        if lines:
            _say("\n".join(lines))

    def _break_silence(self) -> None:
        while not self._over.wait(self._told_at + self._quiet_seconds - time.monotonic()):
            now = time.monotonic()
            if now - self._told_at < self._quiet_seconds:
                continue
            self._told_at = now
            if asked := dict(self._asked_at):
                _say(waiting({run: now - since for run, since in asked.items()}))


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


@contextmanager
def _live() -> Iterator[Callable[[RunId, RunEvent], None]]:
    """The lines scroll; below them stands what is going on now."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, markup=False)
    going: dict[RunId, Usage] = {}

    def summary() -> Text:
        tokens = sum(usage.input_tokens + usage.output_tokens for usage in going.values())
        cost = sum(usage.cost_usd or 0 for usage in going.values())
        return Text(f"{len(going)} running, {tokens:,} tokens, ${cost:.4f}")

    with console.status(Text("starting")) as status:

        def tell(run: RunId, event: RunEvent) -> None:
            if isinstance(event, Ended | LeftAlone):
                going.pop(run, None)
            else:
                going[run] = event.usage if isinstance(event, Answered) else going.get(run, Usage())
            if text := line(run, event):
                console.print(Text(text))
            status.update(summary())

        yield tell
