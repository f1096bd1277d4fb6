from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from octops.model.project import Source
from octops.model.run import ErrorKind, RunFailed
from octops.sources.opened import open_sources
from tests.kit import PATIENCE, GitProject
from tests.sources.kit import SERVERS, real, source, surroundings

pytestmark = pytest.mark.anyio


async def test_an_ordinary_server_over_stdio_keeps_every_promise(tmp_path: Path) -> None:
    config = {"env": {"LEVEL": "debug", "TOKEN": {"env": "MY_TOKEN"}}, "cwd": "."}
    given = surroundings(
        tmp_path, secrets={"MY_TOKEN": "hush\n", "OTHER": "x"}, environment={"PATH": os.environ["PATH"], "LANG": "C"}
    )
    async with open_sources([real(config=config, deny=("delete_*",))], given) as opened:
        said = {
            name: await opened.call(f"web__{name}", arguments)
            for name, arguments in {
                "add": {"a": 2, "b": 3}, "environment": {}, "home": {}, "picture": {}, "person": {}, "broken": {},
                "ask": {}, "delete_everything": {},
            }.items()
        }  # fmt: skip
        wrong = await opened.call("web__add", {"a": "two"})
        cut = await opened.call("web__long", {"size": 100_000})
    assert (said["add"].text, said["add"].is_error) == ("5", False)
    environment = dict(eval(said["environment"].text))  # what the test's own server wrote
    assert {name: environment[name] for name in ("LEVEL", "TOKEN", "LANG")} == {
        "LEVEL": "debug", "TOKEN": "hush", "LANG": "C",
    }  # fmt: skip
    assert set(environment) - {"LC_CTYPE"} == {"PATH", "LANG", "HOME", "LEVEL", "TOKEN"}
    assert not is_there(said["home"].text)
    assert said["picture"].text == "[left out: image image/png 300 bytes]"
    assert '"age": 3' in said["person"].text
    assert (said["broken"].is_error, "broken" in said["broken"].text) == (True, True), said["broken"]
    assert said["ask"].is_error
    assert said["delete_everything"].text.startswith("there is no tool `web__delete_everything`")
    assert "arguments are wrong" in wrong.text
    assert cut.text.endswith("\n[cut off here: 102400 of 200000 bytes are shown; ask for less]")


def is_there(path: str) -> bool:
    return Path(path).exists()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    server = subprocess.Popen([sys.executable, str(SERVERS / "real.py"), "--http", str(number)])
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                break
        time.sleep(0.1)
    yield number
    server.terminate()
    server.wait()


def http(port: int, path: str = "/mcp", **config: Any) -> Source:
    url = f"http://127.0.0.1:{port}{path}"
    return source(config={"transport": "http", "url": url, **config}, timeout_seconds=20)


BEARER = {"type": "bearer", "token": {"env": "KEY"}}


@pytest.mark.parametrize(
    "config",
    [
        {"auth": BEARER},
        {"auth": {"type": "header", "name": "Authorization", "value": {"env": "WHOLE"}}},
        {"headers": {"authorization": {"env": "WHOLE"}}},
    ],
)
async def test_a_server_over_http_is_called_with_proof(port: int, config: dict[str, Any], tmp_path: Path) -> None:
    secrets = {"KEY": "open-sesame", "WHOLE": "Bearer open-sesame"}
    given = surroundings(tmp_path, secrets=secrets, network_allow=(f"127.0.0.1:{port}",))
    async with open_sources([http(port, **config)], given) as opened:
        sum_ = await opened.call("web__add", {"a": 2, "b": 3})
        broken = await opened.call("web__broken", {})
    assert (sum_.text, broken.is_error) == ("5", True)


@pytest.mark.parametrize(
    ("path", "auth", "words"),
    [
        ("/mcp", {}, 'the server answered HTTP 401 Unauthorized, while connecting; it asks for: Bearer realm="x"'),
        ("/mcp", {"auth": {"type": "bearer", "token": {"env": "WRONG"}}}, "HTTP 401 Unauthorized"),
        ("/status/403", {}, "HTTP 403 Forbidden"),
        ("/status/429", {}, "HTTP 429 Too Many Requests"),
        ("/status/500", {}, "HTTP 500 Internal Server Error"),
        ("/elsewhere", {"auth": BEARER}, "HTTP 404 Not Found"),
        ("/moved", {}, "Redirect to http://127.0.0.2:1/mcp not followed"),
        ("/status/200", {}, "Unexpected content type"),
        ("/mcp", {"headers": {"x": {"env": "MISSING"}}}, "the environment variable `MISSING` is not set"),
        ("/mcp", {"headers": {"x": {"env": "CONTROL"}}}, "header `x` holds characters a header cannot carry"),
    ],
)  # fmt: skip
async def test_a_server_that_refuses_is_told_with_its_status(
    port: int, path: str, auth: dict[str, Any], words: str, tmp_path: Path
) -> None:
    secrets = {"KEY": "open-sesame", "WRONG": "guess", "CONTROL": "a\r\nHost: b"}
    given = surroundings(tmp_path, secrets=secrets, network_allow=("127.0.0.1",))
    with pytest.raises(RunFailed) as caught:
        async with open_sources([http(port, path, **auth)], given):
            pass
    assert (words in str(caught.value), "open-sesame" in str(caught.value)) == (True, False), str(caught.value)


@pytest.mark.parametrize(
    ("url", "allow", "words"),
    [
        ("http://127.0.0.1:9/mcp", (), "`http://127.0.0.1:9` is not protected"),
        ("http://127.0.0.1:9/mcp", ("127.0.0.1:8",), "`http://127.0.0.1:9` is not protected"),
        ("http://localhost/mcp", ("127.0.0.1",), "`http://localhost:80` is not protected"),
        ("http://[::1]:9/mcp", ("::1",), "`http://[::1]:9` is not protected"),
        ("https://user:pw@example.com/mcp", (), "`url` holds a user name or password"),
        ("https:///mcp", (), "`url` is not a web address"),
        ("https://example.com:port/mcp", (), "`url` is not a web address"),
        ("ftp://example.com/mcp", (), "`url` is not a web address"),
    ],
)
async def test_an_address_that_may_not_be_reached_is_not(
    url: str, allow: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(RunFailed) as caught:
        async with open_sources(
            [source(config={"transport": "http", "url": url})], surroundings(tmp_path, network_allow=allow)
        ):
            pass
    assert (caught.value.failure.kind, words in str(caught.value)) == (ErrorKind.CONFIG, True), str(caught.value)


async def test_a_server_that_is_down_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"could not be opened: .*connect.*, while connecting") as caught:
        async with open_sources([http(9)], surroundings(tmp_path, network_allow=("127.0.0.1:9",))):
            pass
    assert caught.value.failure.kind is ErrorKind.SOURCE


async def test_the_published_git_server_reads_a_repository(project: GitProject) -> None:
    program = shutil.which("mcp-server-git", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("mcp-server-git is not installed beside this Python (pip install mcp-server-git)")
    path = f"{Path(program).parent}:{os.environ['PATH']}"
    given = surroundings(project.root, environment={"PATH": path})
    git = source(id="git", config={"command": "mcp-server-git", "args": ["--repository", "."]}, allow=("git_log",))
    async with open_sources([git], given) as opened:
        names = [spec.name for spec in opened.specs]
        result = await opened.call("git__git_log", {"repo_path": str(project.root), "max_count": 1})
    assert (names, result.is_error, "first" in result.text) == (["git__git_log"], False, True), result.text


EVERYTHING = Path(
    os.environ.get("OCTOPS_TEST_NPM", "/nonexistent"),
    "node_modules/@modelcontextprotocol/server-everything/dist/index.js",
)


@pytest.mark.skipif(
    not EVERYTHING.is_file(),
    reason="OCTOPS_TEST_NPM names no folder with @modelcontextprotocol/server-everything in it",
)
async def test_the_published_everything_server_answers(tmp_path: Path) -> None:
    everything = source(config={"command": "node", "args": [str(EVERYTHING), "stdio"]}, allow=("echo",))
    async with open_sources([everything], surroundings(tmp_path)) as opened:
        result = await opened.call("web__echo", {"message": "hello"})
    assert (result.is_error, "hello" in result.text) == (False, True)
