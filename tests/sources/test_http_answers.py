"""What a server over HTTP may send back: never more than is let through, never later than is waited for."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from octops.sources.opened import open_sources
from tests.kit import SOON
from tests.sources.kit import source, surroundings

pytestmark = pytest.mark.anyio


@contextmanager
def serving(mood: str) -> Iterator[int]:  # noqa: C901
    """A server on loopback that opens well and then answers each call as its mood is."""

    class Answers(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_DELETE(self) -> None:
            self.reply(b"", "text/plain")

        def do_GET(self) -> None:
            self.send_error(405)

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer: dict[str, Any] = {"jsonrpc": "2.0", "id": asked.get("id")}
            match asked["method"]:
                case "initialize":
                    about = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
                    answer["result"] = {**about, "serverInfo": {"name": "raw", "version": "1"}}
                case "tools/list":
                    answer["result"] = {"tools": [{"name": "say", "inputSchema": {"type": "object"}}]}
                case "tools/call":
                    answer["result"] = {"content": [{"type": "text", "text": "hello"}]}
                    return self.misbehave(answer)
                case "notifications/initialized":
                    self.send_response(202)
                    self.end_headers()
                    return None
                case _:
                    answer["error"] = {"code": -32601, "message": "no such method"}
            return self.reply(json.dumps(answer).encode())

        def misbehave(self, answer: dict[str, Any]) -> None:  # noqa: C901
            match mood:
                case "good":
                    self.reply(json.dumps(answer).encode())
                case "huge":
                    answer["result"]["content"][0]["text"] = "x" * (20 << 20)
                    self.reply(json.dumps(answer).encode())
                case "huge event":
                    self.reply(b"data: " + b"x" * (20 << 20) + b"\n\n", "text/event-stream")
                case "bomb":
                    body = gzip.compress(json.dumps(answer).encode())
                    self.reply(body, "application/json", {"content-encoding": "gzip"})
                case "garbage":
                    self.reply(b"<html>no</html>")
                case "page":
                    self.reply(b"<html>no</html>", "text/html")
                case "resets":
                    self.connection.close()
                case "tired":
                    self.send_error(503)
                case "drips":
                    self.send_response(200)
                    self.send_header("content-type", "application/json")
                    self.end_headers()
                    for _ in range(300):
                        self.wfile.write(b" ")
                        self.wfile.flush()
                        time.sleep(0.2)

        def reply(self, body: bytes, kind: str = "application/json", more: dict[str, str] | None = None) -> None:
            self.send_response(200)
            for name, value in {"content-type": kind, "content-length": str(len(body)), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None: ...

    with Server(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize(
    ("mood", "said"),
    [
        ("good", "hello"),
        ("huge", "the answer is longer than 16 MiB"),
        ("huge event", "SSE stream"),
        ("bomb", "the answer is compressed: `gzip`"),
        ("garbage", "Failed to parse JSON response"),
        ("page", "Unexpected content type: text/html"),
        ("resets", "source `web` is gone: the connection broke"),
        ("tired", "the server answered HTTP 503 Service Unavailable"),
        ("drips", "`say` did not answer within 3 s"),
    ],
)
async def test_whatever_comes_back_is_a_result_in_time(
    mood: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(mood) as port:
        url = f"http://127.0.0.1:{port}/mcp"
        one = source(config={"transport": "http", "url": url}, timeout_seconds=3 if mood == "drips" else 20)
        async with open_sources([one], surroundings(tmp_path, network_allow=("127.0.0.1",))) as opened:
            started = time.monotonic()
            result = await opened.call("web__say", {})
            again = await opened.call("web__say", {})
            seconds = time.monotonic() - started
    assert (said in result.text, result.is_error, again.is_error) == (True, mood != "good", mood != "good"), result.text
    assert (mood == "resets") == again.text.startswith("source `web` is gone: ")
    assert seconds < SOON
    assert capfd.readouterr() == ("", "")
