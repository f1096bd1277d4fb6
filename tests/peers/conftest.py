from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.kit import PATIENCE
from tests.peers.installed import npm, pypi

ANSWERS = [
    {"match": {"userMessage": "plain"}, "response": {"content": "All is well."}},
    {
        "match": {"userMessage": "with a tool", "hasToolResult": False},
        "response": {
            "toolCalls": [
                {"id": "call_readme", "name": "notes__read_file", "arguments": {"path": "README.md"}},
                {"id": "call_list", "name": "notes__list_files", "arguments": {}},
            ]
        },
    },
    {
        "match": {"userMessage": "with a tool", "hasToolResult": True},
        "response": {"content": "Both results arrived."},
    },
    *(
        {
            "match": {"userMessage": f"limited {provider}", "sequenceIndex": 0},
            "response": {"error": {"message": "slow down", "type": "rate_limit_error"}, "status": 429, "retryAfter": 2},
        }
        for provider in ("openai", "anthropic")
    ),
    {"match": {"userMessage": "limited"}, "response": {"content": "At the second attempt."}},
]
"""What the model server answers, by words of the prompt."""


class ModelPeer:
    """aimock while it serves."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"

    def journal(self) -> list[Mapping[str, Any]]:
        with urllib.request.urlopen(f"{self.base}/__aimock/journal", timeout=10) as response:
            found: list[Mapping[str, Any]] = json.load(response)
        return found


@pytest.fixture(scope="session")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelPeer]:
    package = npm("@copilotkit/aimock")
    answers = tmp_path_factory.mktemp("aimock") / "answers.json"
    answers.write_text(json.dumps({"fixtures": ANSWERS}))
    port = free_port()
    script = package / json.loads((package / "package.json").read_bytes())["bin"]["llmock"]
    command = ["node", str(script), "-p", str(port), "-f", str(answers), "--strict", "--log-level", "warn"]
    with serving(command, port):
        yield ModelPeer(port)


@pytest.fixture(scope="session")
def everything() -> Path:
    """The reference MCP server's script."""
    return npm("@modelcontextprotocol/server-everything") / "dist/index.js"


@pytest.fixture(scope="session")
def everything_port(everything: Path) -> Iterator[int]:
    """The same server over HTTP."""
    port = free_port()
    with serving(["node", str(everything), "streamableHttp"], port, PORT=str(port)):
        yield port


@pytest.fixture(scope="session")
def git_server() -> Path:
    """A Python that has mcp-server-git."""
    return pypi("mcp-server-git")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def serving(command: Sequence[str], port: int, **environment: str) -> Iterator[None]:
    """A server in a process of its own; skips the test where the program is not there."""
    try:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        pytest.skip(f"there is no `{command[0]}`")
    try:
        _await(process, port)
        yield
    finally:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    ends_at = time.monotonic() + PATIENCE
    while time.monotonic() < ends_at:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on {port}")
