"""What MCP needs of the way to a server, whatever the way is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mcp.client import Transport


class Link(Protocol):
    """The way to one server, open."""

    @property
    def transport(self) -> Transport: ...

    @property
    def over(self) -> bool:
        """Nothing will come this way any more."""
        ...

    async def ending(self) -> str:
        """Why it is over, or what the server last refused, in words; empty when nothing is known."""
        ...

    @property
    def said(self) -> str:
        """What else the server said, to be put behind a failure; it is a stranger's text."""
        ...

    @property
    def hint(self) -> str:
        """What to do when the server cannot be talked to."""
        ...
