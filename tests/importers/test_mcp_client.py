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
        ({**STDIO, "env": {"WHERE": "https://x.example/${WHO}"}}, "env: {WHERE: {env: WHERE}}"),
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


KEY = "8f14e45fceea167a5a36dedd4bea2543"


@pytest.mark.parametrize(
    ("server", "written", "to_set"),
    [
        (
            {"command": "acme", "args": ["-k", KEY, "--connection-string", "postgresql://u:hunter2@db/x", "go"]},
            ["args: [go]", "ONE_K: {env: ONE_K}"],
            ["ONE_CONNECTION_STRING", "ONE_K"],
        ),
        (
            {"command": "npx", "args": ["mcp-remote", "https://a.example/sse", "--header", f"X-Api-Key: {KEY}"]},
            ["args: [mcp-remote, https://a.example/sse]"],
            ["ONE_X_API_KEY"],
        ),
        (
            {"command": "npx", "args": ["mcp-remote", "u", "--header", f"Authorization: Bearer {KEY}"]},
            ["args: [mcp-remote, u]"],
            ["ONE_TOKEN"],
        ),
        (
            {"command": "docker", "args": ["run", "-e", f"A_KEY={KEY}", f"--env=B={KEY}", "-e", "C=$MY_C", "x"]},
            ['args: [run, "-e", A_KEY, "--env=B", "-e", C, x]', "C: {env: MY_C}"],
            ["A_KEY", "B", "MY_C"],
        ),
        ({**STDIO, "args": ["go", "--token", "${MY_TOK}"]}, ["args: [go]", "{env: MY_TOK}"], ["MY_TOK"]),
        ({**STDIO, "args": ["go", f"--api-key={KEY}"]}, ["args: [go]"], ["ONE_API_KEY"]),
        ({**STDIO, "args": ["go", "--password", "hunter"]}, ["args: [go]"], ["ONE_PASSWORD"]),
        (
            {**STDIO, "args": ["go", "--verbose-log", f"--api-key={KEY}"]},
            ['args: [go, "--verbose-log"]'],
            ["ONE_API_KEY"],
        ),
    ],
)
def test_a_key_among_the_arguments_goes_with_its_flag_and_comes_by_the_environment(
    tmp_path: Path, server: dict[str, Any], written: list[str], to_set: list[str]
) -> None:
    found = brought(tmp_path, "mcp", {"mcpServers": {"one": server}})
    source = (tmp_path / "sources/one.yaml").read_text()
    assert [it for it in written if it not in source] == []
    assert sorted(note.place for note in found.to_set) == to_set
    assert KEY not in everything(tmp_path, found)
    assert "hunter" not in everything(tmp_path, found)
    project_in(tmp_path)


@pytest.mark.parametrize(
    ("server", "to_set"),
    [
        ({"command": f"npx -y acme --api-key {KEY}"}, "ONE_API_KEY"),
        ({"command": "npx", "args": ["-y", "mcp-remote", f"https://a.example/sse?api_key={KEY}"]}, "ONE_API_KEY"),
        ({"command": "npx", "args": ["-y", f"https://{KEY}@a.example/sse"]}, "ONE_KEY"),
        ({"command": "sh", "args": ["-c", f"ACME_TOKEN={KEY} acme"]}, "ONE_ACME_TOKEN"),
        ({"command": "sh", "args": ["-c", f"A=1 ACME_TOKEN={KEY[:6]}; acme"]}, "ONE_ACME_TOKEN"),
        ({"command": "acme", "args": [KEY]}, "ONE_KEY"),
    ],
)
def test_a_server_that_would_not_start_without_its_key_is_left_to_a_person(
    tmp_path: Path, server: dict[str, Any], to_set: str
) -> None:
    found = brought(tmp_path, "mcp", {"mcpServers": {"one": server, "two": STDIO}})
    assert [*project_in(tmp_path).sources] == ["two"]
    assert [note.place for note in found.to_set] == [to_set]
    assert "write this source by hand" in told(found)
    assert KEY[:6] not in everything(tmp_path, found)


@pytest.mark.parametrize(
    "argument",
    [
        "@modelcontextprotocol/server-sequential-thinking@2025.7.1",
        "--model=gpt-4o-mini-2024-07-18",
        "postgresql://localhost:5432/mydb",
        "/var/run/docker.sock:/var/run/docker.sock",
        "--max-tokens=5000",
        "git+ssh://git@github.com/a/b",
        f"mcp/files@sha256:{KEY}{KEY}",
        "--key-file=/run/secrets/key.pem",
    ],
)
def test_an_ordinary_argument_stays(tmp_path: Path, argument: str) -> None:
    found = brought(tmp_path, "mcp", {"mcpServers": {"one": {"command": "npx", "args": ["-y", argument]}}})
    assert list(project_in(tmp_path).sources["one"].config["args"]) == ["-y", argument]  # type: ignore[index]
    assert told(found) == ""


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ({**STDIO, "args": "notalist"}, "one.args: it is no list of texts"),
        ({**STDIO, "args": ["-y", {"a": 1}]}, "one.args[1]: it is no text"),
        ({**STDIO, "args": ["a" * 8001]}, "one.args[0]: it is longer than 8000 characters"),
        ({**STDIO, "env": {"A": {"b": 1}}}, "one.env.A: its value is no text"),
        ({**STDIO, "env": ["A=b"]}, "one.env: it is no mapping"),
        ({"url": "https://x.example", "headers": ["A: b"]}, "one.headers: it is no mapping"),
    ],
)
def test_a_value_of_the_wrong_type_is_told(tmp_path: Path, server: dict[str, Any], said: str) -> None:
    assert said in told(brought(tmp_path, "mcp", {"mcpServers": {"one": server}}))


def test_a_server_that_is_there_twice_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="the key `one` stands in one mapping twice"):
        brought(tmp_path, "mcp", '{"mcpServers": {"one": {"command": "a"}, "one": {"command": "b"}}}')
