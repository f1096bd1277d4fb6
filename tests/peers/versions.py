"""Which published programs octops is tried against, each pinned."""

from __future__ import annotations

from typing import Final

NPM: Final = {
    "@copilotkit/aimock": "1.43.0",
    "@modelcontextprotocol/server-everything": "2026.8.31",
}
PYPI: Final = {
    "mcp-server-git": "2026.10.19",
}
