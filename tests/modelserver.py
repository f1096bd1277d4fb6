"""A model provider on loopback: real HTTP in a thread, OpenAI and Anthropic shapes, scripted answers and faults.

`python -m tests.modelserver --port 8123 --latency 1` serves the same from a process of its own, for measuring.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

MODEL = "loopback-model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came over the wire. `at` is `time.monotonic()`."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    at: float

    @property
    def anthropic(self) -> bool:
        return self.path.endswith("/messages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool call of the model; `arguments` may be text that is no JSON (OpenAI's wire format carries text)."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """An answer. `stop` is `stop`, `tool_calls`, `length` or `content_filter`; empty: what the calls imply."""

    text: str | None = ""
    calls: tuple[Call, ...] = ()
    stop: str = ""
    model: str = MODEL
    input_tokens: int = 10
    output_tokens: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A status with a body; an empty body of an error status becomes the provider's error document."""

    status: int = 500
    body: str = ""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "scripted fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """Nothing is ever said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """A valid answer at one byte every `every` seconds, so that no read ever times out."""

    every: float = 1.0
    say: Say = Say(text="slow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """The connection is torn down without a word."""


Act = Say | Fault | Hang | Drip | Reset
Script = Sequence[Act] | Callable[[Asked], Act]


def html(status: int = 200) -> Fault:
    """What a proxy or a captive portal answers."""
    return Fault(status=status, body="<html><body><h1>Sign in</h1></body></html>", content_type="text/html")


def garbage() -> Fault:
    return Fault(status=200, body='{"choices": [{"mess')


class ModelServer:
    """Serves while entered. Acts are used up in the order requests arrive; afterwards `otherwise` answers."""

    def __init__(self, script: Script = (), *, otherwise: Act | None = None, latency: float = 0.0) -> None:
        self._script = script
        self._otherwise = otherwise or Say(text="ok")
        self._latency = latency
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._connections: set[asyncio.Task[None]] = set()
        self.journal: list[Asked] = []
        self.port = 0
        self.wanted_port = 0

    @property
    def openai_base(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def anthropic_base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> ModelServer:
        self._thread.start()
        self._started.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def wait(self) -> None:
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._loop.close()

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.wanted_port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (asked := await _request(reader)) is not None:
                self.journal.append(asked)
                if self._latency:
                    await asyncio.sleep(self._latency)
                if not await _perform(self._act(asked), asked, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    def _act(self, asked: Asked) -> Act:
        if callable(self._script):
            return self._script(asked)
        number = len(self.journal) - 1
        return self._script[number] if number < len(self._script) else self._otherwise


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(path=first.split()[1], headers=headers, body=json.loads(body or b"{}"), at=time.monotonic())


async def _perform(act: Act, asked: Asked, writer: asyncio.StreamWriter) -> bool:
    """Whether the connection can be used again."""
    match act:
        case Hang():
            await asyncio.Event().wait()
        case Reset():
            writer.transport.abort()
            return False
        case Drip():
            for byte in _response(200, _document(act.say, asked)):
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(act.every)
        case Fault():
            body = act.body or json.dumps(_error(act, asked))
            writer.write(_response(act.status, body, act.content_type, act.headers))
        case Say():
            writer.write(_response(200, _document(act, asked)))
    await writer.drain()
    return True


def _response(
    status: int, body: str, content_type: str = "application/json", headers: Mapping[str, str] | None = None
) -> bytes:
    content = body.encode()
    lines = [f"HTTP/1.1 {status} Scripted", f"content-type: {content_type}", f"content-length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def _document(say: Say, asked: Asked) -> str:
    return json.dumps(_anthropic(say) if asked.anthropic else _openai(say))


def _error(fault: Fault, asked: Asked) -> Mapping[str, Any]:
    if asked.anthropic:
        return {"type": "error", "error": {"type": "api_error", "message": fault.message}}
    return {"error": {"message": fault.message, "type": "scripted", "code": None, "param": None}}


def _openai(say: Say) -> Mapping[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": say.text}
    if say.calls:
        message["tool_calls"] = [
            {
                "id": call.id or f"call_{number}",
                "type": "function",
                "function": {"name": call.name, "arguments": _text(call.arguments)},
            }
            for number, call in enumerate(say.calls)
        ]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": say.model,
        "choices": [{"index": 0, "message": message, "finish_reason": _stop(say)}],
        "usage": {
            "prompt_tokens": say.input_tokens,
            "completion_tokens": say.output_tokens,
            "total_tokens": say.input_tokens + say.output_tokens,
        },
    }


_ANTHROPIC_STOPS = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "content_filter": "refusal"}


def _anthropic(say: Say) -> Mapping[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": say.text}] if say.text else []
    content += [
        {
            "type": "tool_use",
            "id": call.id or f"toolu_{number}",
            "name": call.name,
            "input": call.arguments,
        }
        for number, call in enumerate(say.calls)
    ]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": say.model,
        "content": content,
        "stop_reason": _ANTHROPIC_STOPS.get(_stop(say), _stop(say)),
        "stop_sequence": None,
        "usage": {"input_tokens": say.input_tokens, "output_tokens": say.output_tokens},
    }


def _stop(say: Say) -> str:
    return say.stop or ("tool_calls" if say.calls else "stop")


def _text(arguments: Mapping[str, Any] | str) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--text", default="ok")
    options = parser.parse_args()
    server = ModelServer(otherwise=Say(text=options.text), latency=options.latency)
    server.wanted_port = options.port
    with server:
        print(f"listening on {server.openai_base}", flush=True)
        server.wait()


if __name__ == "__main__":
    main()
