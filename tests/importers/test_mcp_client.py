from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from octops.importers.draft import ImportRefused
from tests.importers.world import brought, everything, project_in, told

STDIO = {"command": "npx", "args": ["-y", "server"]}


@pytest.mark.parametrize(
    "document",
    [
        {"mcpServers": {"one": STDIO}},
        {"servers": {"one": {"type": "stdio", **STDIO}}, "inputs": []},
        {"mcp": {"servers": {"one": STDIO}}},
        {"context_servers": {"one": {"command": {"path": "npx", "args": ["-y", "server"]}}}},
        {"one": STDIO},
        '{ // why\n "mcpServers": {"one": {"command": "npx", "args": ["-y", "server",], }, /* end */ }, }',
    ],
)
def test_every_client_writes_it_a_little_differently(tmp_path: Path, document: Any) -> None:
    brought(tmp_path, "mcp", document)
    source = project_in(tmp_path).sources["one"]  # type: ignore[index]
    assert (source.config["command"], list(source.config["args"])) == ("npx", ["-y", "server"])


def test_toml_is_read_too(tmp_path: Path) -> None:
    brought(tmp_path, "mcp", '[mcp_servers.one]\ncommand = "npx"\nargs = ["-y"]\n', "config.toml")
    assert list(project_in(tmp_path).sources) == ["one"]


@pytest.mark.parametrize(
    ("server", "written"),
    [
        ({"url": "https://x.example/mcp"}, "transport: http"),
        ({"type": "sse", "url": "https://x.example/sse"}, "transport: sse"),
        ({"type": "streamable-http", "url": "https://x.example/mcp"}, "transport: http"),
        ({"httpUrl": "https://x.example/mcp"}, "transport: http"),
        ({"serverUrl": "wss://x.example/mcp"}, "transport: websocket"),
        ({"url": "${BASE:-https://x.example}/mcp"}, "url: https://x.example/mcp"),
        ({"url": "https://x.example", "headers": {"Authorization": "Bearer ${TOK}"}}, "token: {env: TOK}"),
        ({"url": "https://x.example", "headers": {"Authorization": "Bearer abc"}}, "token: {env: ONE_TOKEN}"),
        ({"url": "https://x.example", "headers": {"X-Api-Key": "${input:my-key}"}}, "X-Api-Key: {env: MY_KEY}"),
        ({"url": "https://x.example", "headers": {"X-Team": "core"}}, "X-Team: core"),
        ({**STDIO, "env": {"LOG_LEVEL": "debug", "PORT": "8080"}}, 'env: {LOG_LEVEL: debug, PORT: "8080"}'),
        ({**STDIO, "env": {"API_KEY": "abc"}}, "env: {API_KEY: {env: API_KEY}}"),
        ({**STDIO, "env": {"TOKEN": "${env:MY_TOKEN}"}}, "env: {TOKEN: {env: MY_TOKEN}}"),
        ({**STDIO, "cwd": "${workspaceFolder}"}, "command: npx"),
        ({**STDIO, "disabledTools": ["drop"]}, "tools: {deny: [drop]}"),
    ],
)
def test_a_server_becomes_a_source(tmp_path: Path, server: dict[str, Any], written: str) -> None:
    brought(tmp_path, "mcp", {"mcpServers": {"one": server}})
    assert written in (tmp_path / "sources/one.yaml").read_text()
    project_in(tmp_path)


@pytest.mark.parametrize(
    "server",
    [
        {**STDIO, "args": ["--token", "kjh34kjh5kj34h5"]},
        {**STDIO, "args": ["--api-key=kjh34kjh5kj34h5"]},
        {**STDIO, "args": ["ghp_kjh34kjh5kj34h5kjh34kjh5kj34h5"]},
        {**STDIO, "env": {"SOMETHING": "correct horse kjh34kjh5"}},
        {**STDIO, "env": {"SOMETHING": "/srv/ghp_kjh34kjh5kjabcdefgh"}},
        {**STDIO, "env": {"SOMETHING": "kjh34kjh5kj34h5kjh34kjh5"}},
        {**STDIO, "env": {"DATABASE_URL": "postgres://u:kjh34kjh5kj34h5@db/x"}},
        {"url": "https://x.example/mcp?key=kjh34kjh5kj34h5"},
        {"url": "https://u:kjh34kjh5kj34h5@x.example/mcp"},
        {"url": "https://x.example/s/kjh34kjh5kj34h5kjh34kjh5/mcp"},
        {"url": "https://x.example", "headers": {"Authorization": "Basic kjh34kjh5kj34h5"}},
        {"url": "https://x.example", "headers": {"X-Anything": "kjh34kjh5kj34h5kjh34kjh5"}},
    ],
)
def test_no_key_comes_along_wherever_it_stood(tmp_path: Path, server: dict[str, Any]) -> None:
    found = brought(tmp_path, "mcp", {"mcpServers": {"one": server, "two": STDIO}})
    assert "kjh34kjh5" not in everything(tmp_path, found)
    assert told(found)
    project_in(tmp_path)


def test_what_has_no_place_is_told(tmp_path: Path) -> None:
    server = {**STDIO, "cwd": "/home/me", "envFile": ".env", "autoApprove": ["x"], "disabled": True, "colour": "red"}
    found = brought(tmp_path, "mcp", {"mcpServers": {"one": server, "empty": {}}, "theme": "dark"})
    for place in ("one.cwd", "one.envFile", "one.autoApprove", "one.disabled", "one.colour", "empty", "theme"):
        assert place in told(found)


@pytest.mark.parametrize("document", [{}, [], "x", {"mcpServers": {}}, {"mcpServers": [1]}, {"mcpServers": None}])
def test_a_file_without_servers_is_refused(tmp_path: Path, document: Any) -> None:
    with pytest.raises(ImportRefused):
        brought(tmp_path, "mcp", document)


def test_a_key_of_a_known_shape_is_none_of_the_plain_words(tmp_path: Path) -> None:
    server = {**STDIO, "env": {"WHERE": "dir/ghp_abcdefghijklmnopqrstuvwx"}}
    found = brought(tmp_path, "mcp", {"mcpServers": {"one": server}})
    assert "ghp_" not in everything(tmp_path, found)
