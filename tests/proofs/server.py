"""An MCP server with one tool that is allowed and one that is not; it writes down which of them were called."""

import json
import sys
from pathlib import Path
from typing import Any

journal = Path(sys.argv[1])
tools = [{"name": name, "inputSchema": {"type": "object"}} for name in ("say", "erase")]


def answer(message: dict[str, Any]) -> dict[str, Any]:
    match message["method"]:
        case "initialize":
            about = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
            return {**about, "serverInfo": {"name": "proof", "version": "1"}}
        case "tools/list":
            return {"tools": tools}
        case "tools/call":
            with journal.open("a") as file:
                file.write(message["params"]["name"] + "\n")
            return {"content": [{"type": "text", "text": "hello"}]}
        case _:
            return {}


for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer(message)}) + "\n")
        sys.stdout.flush()
