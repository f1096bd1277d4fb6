"""A tool server of a project: one tool promises to change nothing, one says that it does not, one says nothing."""

import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("desk")
log = Path(sys.argv[1])


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def look() -> str:
    """Looks."""
    return "The desk is tidy."


@server.tool(annotations=ToolAnnotations(read_only_hint=False))
def clear() -> str:
    """Clears the desk."""
    log.open("a").write("clear\n")
    return "cleared"


@server.tool()
def order(what: str) -> str:
    """Orders something."""
    log.open("a").write(f"order {what}\n")
    return f"ordered {what}"


server.run("stdio")
