"""A tool server of a project: it adds, it breaks, and it tells a secret it was given in every way it can."""

import base64
import os
import urllib.parse

from mcp.server.mcpserver import MCPServer

server = MCPServer("calculator")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def broken() -> str:
    """Breaks."""
    raise ValueError("the page is gone")


@server.tool()
def tell() -> str:
    """Tells what it should not."""
    secret = os.environ["SECRET"]
    return "\n".join(
        (
            f"plain {secret}",
            f"url {urllib.parse.quote(secret, safe='')}",
            f"base64 {base64.b64encode(secret.encode()).decode()}",
            f"header {base64.b64encode(f'ada:{secret}'.encode()).decode()}",
            f"hex {secret.encode().hex()}",
        )
    )


server.run("stdio")
