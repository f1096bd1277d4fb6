"""What an apply tells while it works, on stderr: a live line on a terminal, one line per event elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from octops.model.events import Answered, Asking, Ended, LeftAlone, RunEvent
from octops.model.ids import RunId
from octops.model.run import Usage
from octops.report.progress import line, waiting


@contextmanager
def progress() -> Iterator[Callable[[RunId, RunEvent], None]]:
    if sys.stderr.isatty():
        with _live() as tell:
            yield tell
    else:
        with Lines() as tell:
            yield tell


class Lines:
    """A line per event; and when none came for `quiet_seconds`, one that says which models are still asked."""

    def __init__(self, quiet_seconds: float = 10) -> None:
        self._quiet_seconds = quiet_seconds
        self._asked_at: dict[RunId, float] = {}
        self._told = threading.Event()
        self._over = False
        self._watch = threading.Thread(target=self._break_silence, daemon=True)

    def __enter__(self) -> Lines:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._told.set()
        self._watch.join()

    def __call__(self, run: RunId, event: RunEvent) -> None:
        if isinstance(event, Asking):
            self._asked_at[run] = time.monotonic()
        else:
            self._asked_at.pop(run, None)
        if text := line(run, event):
            self._told.set()
            _say(text)

    def _break_silence(self) -> None:
        while not self._over:
            told = self._told.wait(self._quiet_seconds)
            self._told.clear()
            if not told and (asked := dict(self._asked_at)):
                now = time.monotonic()
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
