"""MCP over a child's stdin and stdout: one JSON message a line, as many as we are ready to read.

The library's own transport reads without a limit, in time that grows with the square of a message's length.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from octops.model.project import Source
from octops.model.run import ErrorKind
from octops.redaction import Redactor
from octops.sources.command import command_of
from octops.sources.mcp_link import Link
from octops.sources.opening import NotOpened
from octops.sources.process import Child, running
from octops.sources.surroundings import Surroundings
from octops.sources.text import last_words

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client import Transport
    from mcp.shared.message import SessionMessage

_MOST_GARBAGE: Final = 1024 * 1024
_FLUSH_SECONDS: Final = 0.5


@asynccontextmanager
async def stdio_link(source: Source, surroundings: Surroundings) -> AsyncIterator[Link]:
    """Starts the server. Its home is a new folder, which goes when the server has gone."""
    with tempfile.TemporaryDirectory(prefix="octops-home-", ignore_cleanup_errors=True) as home:
        command = command_of(source, surroundings, Path(home))
        try:
            async with running(command) as child:
                yield _StdioLink(child, surroundings.secrets.values())
        except PermissionError as error:
            raise NotOpened(f"`{command.argv[-1]}` may not be started", kind=ErrorKind.CONFIG) from error


class _StdioLink:
    def __init__(self, child: Child, secrets: Iterable[str]) -> None:
        self._child = child
        self._secrets = secrets

    @property
    def transport(self) -> Transport:
        return _transport(self._child)

    @property
    def over(self) -> bool:
        return self._child.over

    async def ending(self) -> str:
        return await self._child.ending() if self._child.over else ""

    @property
    def said(self) -> str:
        # A secret of several lines would not be known again once they are picked apart.
        words = last_words(Redactor(self._secrets).text(self._child.stderr))
        return f"; stderr: {words}" if words else ""

    @property
    def hint(self) -> str:
        return "run the command by hand to see what it says; it is given only PATH, LANG, a new HOME and its own `env`"


@asynccontextmanager
async def _transport(
    child: Child,
) -> AsyncIterator[
    tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]
]:
    import anyio
    from mcp.shared.message import SessionMessage

    heard, to_session = anyio.create_memory_object_stream[SessionMessage | Exception](0)[::-1]
    from_session, to_say = anyio.create_memory_object_stream[SessionMessage](0)
    pumps = [asyncio.create_task(_hear(child, to_session)), asyncio.create_task(_say(child, to_say))]
    try:
        yield heard, from_session
    finally:
        heard.close()
        from_session.close()
        with suppress(asyncio.CancelledError):
            await asyncio.wait(pumps[1:], timeout=_FLUSH_SECONDS)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _hear(child: Child, to_session: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
    import anyio
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    garbage = 0
    async with to_session:
        while (line := await child.next_line()) is not None:
            try:
                message = jsonrpc_message_adapter.validate_json(line, by_name=False)
            except ValueError:
                # Many servers print a greeting or a log line where only messages belong.
                garbage += len(line)
                if garbage > _MOST_GARBAGE:
                    child.fail("what it prints on stdout is not MCP")
                continue
            try:
                await to_session.send(SessionMessage(message))
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                return


async def _say(child: Child, to_say: MemoryObjectReceiveStream[SessionMessage]) -> None:
    async with to_say:
        async for said in to_say:
            line = said.message.model_dump_json(by_alias=True, exclude_unset=True)
            await child.write(line.encode(errors="replace") + b"\n")
