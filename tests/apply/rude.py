"""A receiver of webhooks that does what it is told, answer by answer."""

from __future__ import annotations

import http.server
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, ClassVar

from tests.serving import serving


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status with headers, after `seconds`. Status 0: the connection is cut off without a word."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    at: float
    """`time.monotonic()`."""
    id: str
    timestamp: int
    body: Mapping[str, Any]


Script = list[Answer | Callable[[], Answer]]


@dataclass
class Rude:
    """What each path answers, in turn; the last answer stays."""

    port: int = 0
    script: dict[str, Script] = field(default_factory=dict)
    got: dict[str, list[Got]] = field(default_factory=dict)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def answer(self, path: str, got: Got) -> Answer:
        seen = self.got.setdefault(path, [])
        seen.append(got)
        answers = self.script.get(path) or [Answer()]
        chosen = answers[min(len(seen), len(answers)) - 1]
        return chosen if isinstance(chosen, Answer) else chosen()


def later(seconds: float) -> Callable[[], Answer]:
    """429 with the date of a moment to come."""

    def answer() -> Answer:
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        return Answer(status=429, headers={"Retry-After": format_datetime(at, usegmt=True)})

    return answer


class _Receiver(http.server.BaseHTTPRequestHandler):
    rude: ClassVar[Rude]

    def do_POST(self) -> None:
        at, content = time.monotonic(), self.rfile.read(int(self.headers["content-length"]))
        got = Got(
            at=at,
            id=self.headers["webhook-id"],
            timestamp=int(self.headers["webhook-timestamp"]),
            body=json.loads(content),
        )
        answer = self.rude.answer(self.path.strip("/"), got)
        time.sleep(answer.seconds)
        if not answer.status:
            self.close_connection = True
            return
        try:
            self.send_response(answer.status)
            for name, value in {**answer.headers, "content-length": str(len(answer.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


@contextmanager
def rude_receiver() -> Iterator[Rude]:
    rude = Rude()
    handler = type("Receiver", (_Receiver,), {"rude": rude})
    server = _Server(("127.0.0.1", 0), handler)
    with serving(server) as rude.port:
        yield rude
