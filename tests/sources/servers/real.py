"""A server written with the library: what ordinary servers do."""

import os
import sys
from pathlib import Path

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ImageContent, TextContent

server = MCPServer("real")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def environment() -> str:
    return repr(sorted(os.environ.items()))


@server.tool()
def home() -> str:
    Path(os.environ["HOME"], "kept").write_text("x")
    return os.environ["HOME"]


@server.tool(structured_output=False)
def picture() -> list[ImageContent | TextContent]:
    return [ImageContent(type="image", data="QUJD" * 100, mime_type="image/png")]


@server.tool()
def person() -> dict[str, int]:
    return {"age": 3}


@server.tool()
def broken() -> str:
    raise ValueError("no such page")


@server.tool()
def long(size: int) -> str:
    return "é" * size


@server.tool()
async def ask(context: Context) -> str:
    result = await context.session.list_roots()
    return str(result)


@server.tool()
def delete_everything() -> str:
    return "gone"


if __name__ == "__main__":
    if "--http" in sys.argv:
        import uvicorn
        from starlette.requests import Request
        from starlette.responses import PlainTextResponse

        app = server.streamable_http_app()

        async def checked(scope, receive, send):
            if scope["type"] == "http":
                request = Request(scope)
                if request.url.path == "/moved":
                    response = PlainTextResponse("", 307, {"location": "http://127.0.0.2:1/mcp"})
                    return await response(scope, receive, send)
                if request.url.path.startswith("/status/"):
                    response = PlainTextResponse("no", int(request.url.path[8:]))
                    return await response(scope, receive, send)
                if request.headers.get("authorization") != "Bearer open-sesame":
                    response = PlainTextResponse("no", 401, {"www-authenticate": 'Bearer realm="x"'})
                    return await response(scope, receive, send)
            return await app(scope, receive, send)

        uvicorn.run(checked, port=int(sys.argv[sys.argv.index("--http") + 1]), log_level="critical")
    else:
        server.run()
