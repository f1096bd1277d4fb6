"""MCP servers as sources: started or reached, asked for their tools, called. The only home of the mcp library."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from octops.model.ids import Value
from octops.model.project import Source
from octops.model.run import ToolResult
from octops.sources.mcp_content import text_of
from octops.sources.mcp_http import http_link
from octops.sources.mcp_link import Link
from octops.sources.mcp_stdio import stdio_link
from octops.sources.opening import Gone, NotOpened, Tool
from octops.sources.surroundings import Surroundings
from octops.sources.text import shortened

if TYPE_CHECKING:
    from mcp import Client

_MOST_PAGES: Final = 50
_MOST_TOOLS: Final = 1000
_LONGEST_CAUSE: Final = 500


@asynccontextmanager
async def open_mcp(source: Source, surroundings: Surroundings) -> AsyncIterator[OpenMcp]:
    """Nothing is offered to the server: no sampling, no questions to a person, no folders."""
    opened: OpenMcp | None = None
    try:
        async with AsyncExitStack() as stack:
            way = http_link if source.config.get("transport", "stdio") == "http" else stdio_link
            link = await stack.enter_async_context(way(source, surroundings))
            # The server starts up meanwhile.
            await asyncio.to_thread(_import_quietly)
            opened = await _opened(stack, link, source, surroundings)
            yield opened
    except _failures() as error:
        if opened is None:
            # The library's task groups put groups around what is raised between them.
            said = next((leaf for leaf in _leaves(error) if isinstance(leaf, NotOpened)), None)
            raise said or NotOpened(_cause(error)) from error
        raise Gone(_cause(error)) from error


async def _opened(stack: AsyncExitStack, link: Link, source: Source, surroundings: Surroundings) -> OpenMcp:
    from mcp import Client
    from mcp.types import Implementation

    phase = "while connecting"
    try:
        async with asyncio.timeout(source.timeout_seconds) as limit:
            us = Implementation(name="octops", version=surroundings.version or "0")
            client = await stack.enter_async_context(Client(link.transport, cache=None, client_info=us))
            phase = "while listing its tools"
            tools = await _listed(client)
    except _failures() as error:
        if limit.expired():
            cause = f"no answer within {source.timeout_seconds:g} s"
        else:
            cause = await link.ending() or _cause(error)
        raise NotOpened(f"{cause}, {phase}{link.said}", hint=link.hint) from error
    return OpenMcp(tools=tools, client=client, link=link)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMcp:
    tools: tuple[Tool, ...]
    client: Client
    link: Link

    async def call(self, tool: str, arguments: Mapping[str, Value]) -> ToolResult:
        from mcp.types import CallToolRequest, CallToolRequestParams, CallToolResult

        # Not `client.call_tool`: that judges results by schemas of the server, with patterns that may take for ever.
        request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=dict(arguments)))
        try:
            result = await self.client.session.send_request(request, CallToolResult)
        except _failures() as error:
            if self.link.over or _is_closed(error):
                raise Gone(await self.link.ending() + self.link.said) from error
            return ToolResult(text=await self.link.ending() or _cause(error), is_error=True)
        return ToolResult(text=text_of(result.model_dump(mode="json")), is_error=bool(result.is_error))


async def _listed(client: Client) -> tuple[Tool, ...]:
    tools: list[Tool] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += [
            Tool(
                name=tool.name,
                description=tool.description or tool.title or "",
                schema=tool.input_schema,
                read_only=bool(tool.annotations and tool.annotations.read_only_hint),
            )
            for tool in page.tools
        ]
        cursor = page.next_cursor
        if cursor is None or len(tools) > _MOST_TOOLS:
            break
    if cursor is not None or len(tools) > _MOST_TOOLS:
        raise NotOpened(f"its list of tools does not end: more than {_MOST_TOOLS} tools or {_MOST_PAGES} pages")
    return tuple(tools)


def _import_quietly() -> None:
    """Takes most of a second. What servers do wrong is told to the logger, which without this ends on stderr."""
    import mcp  # noqa: F401

    logger = logging.getLogger("mcp")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _failures() -> tuple[type[BaseException], ...]:
    """All that the library raises for what a server does. (Its ValidationError is a ValueError.)"""
    import anyio
    import httpx2
    from mcp import MCPError

    streams = (anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream)
    return (MCPError, httpx2.HTTPError, httpx2.InvalidURL, OSError, RuntimeError, ValueError, ExceptionGroup, *streams)


def _is_closed(error: BaseException) -> bool:
    """The library's words for a way that is closed for good; one broken answer has the same code."""
    from mcp import MCPError
    from mcp.types import CONNECTION_CLOSED

    return isinstance(error, MCPError) and (error.code, error.message) == (CONNECTION_CLOSED, "Connection closed")


def _cause(error: BaseException) -> str:
    """One sentence for what may be errors inside groups of groups of errors."""
    from pydantic import ValidationError

    first = next(_leaves(error))
    if isinstance(first, ValidationError):
        return "its answer is not what MCP says an answer is"
    text = " ".join(str(first).split()) or type(first).__name__
    return shortened(text, _LONGEST_CAUSE)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
