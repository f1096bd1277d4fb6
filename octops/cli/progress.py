"""What an apply tells while it works, on stderr: a live line on a terminal, one line per event elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from octops.model.events import Answered, Ended, LeftAlone, RunEvent
from octops.model.ids import RunId
from octops.model.run import Usage
from octops.report.progress import line


@contextmanager
def progress() -> Iterator[Callable[[RunId, RunEvent], None]]:
    if sys.stderr.isatty():
        with _live() as tell:
            yield tell
    else:
        yield _plain


def _plain(run: RunId, event: RunEvent) -> None:
    text = line(run, event)
    if text:
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
