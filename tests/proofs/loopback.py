"""Model and webhooks of a proof, on loopback in one server: it answers, remembers, and lets a test step in between."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

_RUN = re.compile(r"[a-z0-9-]+@[0-9]{8}T[0-9]{6}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A model call: every call of every run gets a text of its own."""

    run: str
    text: str


@dataclass(slots=True, kw_only=True)
class Received:
    """A request at a webhook. `answered`: the 204 has left."""

    hook: str
    id: str
    run: str
    text: str
    answered: bool = False


Step = Callable[[str, str, int, str], None]
"""Called with `model` or `delivery`, `before` or `after` the answer leaves, the request's number, its run or hook."""


class Loopback:
    def __init__(self, step: Step = lambda kind, moment, number, subject: None) -> None:
        self.step = step
        self.asked: list[Asked] = []
        self.received: list[Received] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def ask(self, body: Any) -> tuple[int, Asked]:
        """The number of the request, from 1, and what it is answered with."""
        found = _RUN.search(json.dumps(body["messages"]))
        run = found[0] if found else ""
        with self._lock:
            number = len(self.asked) + 1
            asked = Asked(run=run, text=f"Answer {number} to {run}.")
            self.asked.append(asked)
        return number, asked

    def receive(self, path: str, id_: str, body: Any) -> tuple[int, Received]:
        received = Received(hook=path.strip("/"), id=id_, run=body["run"]["id"], text=body["run"]["output"])
        with self._lock:
            self.received.append(received)
            return len(self.received), received


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: whoever asked was killed."""


def _handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path.endswith("/chat/completions"):
                self._model(body)
            else:
                self._hook(body)

        def _model(self, body: Any) -> None:
            number, asked = loopback.ask(body)
            loopback.step("model", "before", number, asked.run)
            self._send(200, json.dumps(_completion(asked.text)).encode())
            loopback.step("model", "after", number, asked.run)

        def _hook(self, body: Any) -> None:
            number, received = loopback.receive(self.path, self.headers["webhook-id"], body)
            loopback.step("delivery", "before", number, received.hook)
            self._send(204, b"")
            received.answered = True
            loopback.step("delivery", "after", number, received.hook)

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            if content:
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


def _completion(text: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "loopback-model",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
