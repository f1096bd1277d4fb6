"""One source, held open by a task of its own: what must be entered and left in one task is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from octops.model.ids import Value
from octops.model.project import Source
from octops.model.run import ToolResult
from octops.sources.opening import Gone, NotOpened, Opener, OpenSource
from octops.sources.surroundings import Surroundings

_CLOSE_SECONDS: Final = 3.0
_NO_REASON: Final = "the connection broke"


class Held:
    """Opening begins when it is made. `close` must be called in the end, whatever came of it."""

    def __init__(self, source: Source, surroundings: Surroundings, open_: Opener) -> None:
        self.source = source
        self._surroundings = surroundings
        self._open = open_
        self._closing = asyncio.Event()
        self._why = ""
        self._calls: set[asyncio.Task[ToolResult]] = set()
        self.ready: asyncio.Future[OpenSource] = asyncio.get_running_loop().create_future()
        """The open source, or NotOpened."""
        self._task = asyncio.create_task(self._hold())
        self._task.add_done_callback(self._settle)

    @property
    def refusal(self) -> NotOpened | None:
        """Why it could not be opened; None while that is not known, too."""
        if not self.ready.done():
            return None
        error = self.ready.exception()
        if error is None or isinstance(error, NotOpened):
            return error
        raise error

    async def call(self, tool: str, arguments: Mapping[str, Value]) -> ToolResult:
        """What the tool says, or why it does not, within the source's `timeout_seconds`."""
        if self._task.done() or self._why:
            return self._gone()
        call = asyncio.create_task(self._call(tool, arguments))
        self._calls.add(call)
        call.add_done_callback(self._forget)
        try:
            await asyncio.wait(
                {call, self._task}, timeout=self.source.timeout_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            # Not waited for: a call may take longer to give up than there is time.
            call.cancel()
        if call.done() and not call.cancelled():
            return call.result()
        if self._task.done():
            return self._gone()
        return _error(f"`{tool}` did not answer within {self.source.timeout_seconds:g} s")

    async def close(self) -> None:
        """Leaves the source; what does not want to end is cancelled after 3 s. May not be cancelled itself."""
        self._closing.set()
        await asyncio.wait({self._task}, timeout=_CLOSE_SECONDS if self.ready.done() else 0)
        tasks = (self._task, *self._calls)
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def _hold(self) -> None:
        try:
            async with self._open(self.source, self._surroundings) as opened:
                self.ready.set_result(opened)
                await self._closing.wait()
        except Gone as error:
            self._why = str(error)
        except NotOpened as error:
            self.ready.set_exception(error)

    def _settle(self, task: asyncio.Task[None]) -> None:
        """Whatever became of opening is known by `ready`, a bug too."""
        if not self.ready.done():
            bug = None if task.cancelled() else task.exception()
            self.ready.set_exception(bug or NotOpened("it was interrupted"))
        # Asked for here, since nobody may ask any more when another source failed first.
        self.ready.exception()

    async def _call(self, tool: str, arguments: Mapping[str, Value]) -> ToolResult:
        try:
            return await self.ready.result().call(tool, arguments)
        except Gone as error:
            self._why = str(error) or _NO_REASON
            return self._gone()

    def _gone(self) -> ToolResult:
        return _error(f"source `{self.source.id}` is gone: {self._why or _NO_REASON}; none of its tools will answer")

    def _forget(self, call: asyncio.Task[ToolResult]) -> None:
        self._calls.discard(call)
        if not call.cancelled():
            call.exception()


def _error(text: str) -> ToolResult:
    return ToolResult(text=text, is_error=True)
