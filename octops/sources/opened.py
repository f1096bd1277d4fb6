"""The sources of a run, opened at once: changes with how opening goes and what becomes of failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from octops.model.project import Source
from octops.model.run import RunFailed
from octops.sources.held import Held
from octops.sources.opening import NotOpened
from octops.sources.process import uninterrupted
from octops.sources.surroundings import Surroundings
from octops.sources.table import opener
from octops.sources.tools import OpenedSources, offer


@asynccontextmanager
async def open_sources(sources: Sequence[Source], surroundings: Surroundings) -> AsyncIterator[OpenedSources]:
    """Opens all of them at the same time; leaving it ends every process and connection.

    Raises RunFailed as soon as a required source cannot be opened; an optional one that cannot is a note.
    """
    held: list[Held] = []
    try:
        notes = list(_start(sources, surroundings, held))
        await _all_settled(held)
        notes += [_note(one.source, one.refusal) for one in held if one.refusal is not None]
        opened = [one for one in held if one.refusal is None]
        yield offer(opened, tuple(notes), surroundings.result_bytes, read_only=surroundings.read_only)
    finally:
        if held:
            await uninterrupted(_close(held))


async def _close(held: Sequence[Held]) -> None:
    await asyncio.gather(*(one.close() for one in held))


def _start(sources: Sequence[Source], surroundings: Surroundings, held: list[Held]) -> Iterator[str]:
    """What is wrong with a declaration is found before anything is started."""
    ways = []
    for source in sources:
        try:
            ways.append((source, opener(source)))
        except NotOpened as error:
            yield _note(source, error)
    held.extend(Held(source, surroundings, way) for source, way in ways)


async def _all_settled(held: Sequence[Held]) -> None:
    waiting = {one.ready for one in held}
    while waiting:
        _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in held:
            if one.refusal is not None and not one.source.optional:
                raise _failed(one.source, one.refusal) from one.refusal


def _note(source: Source, error: NotOpened) -> str:
    """Raises RunFailed instead for a required source."""
    if not source.optional:
        raise _failed(source, error) from error
    return f"{_sentence(source, error)}; it is optional, the run goes on without it"


def _failed(source: Source, error: NotOpened) -> RunFailed:
    return RunFailed(error.kind, _sentence(source, error), hint=error.hint)


def _sentence(source: Source, error: NotOpened) -> str:
    return f"source `{source.id}` could not be opened: {error.cause}"
