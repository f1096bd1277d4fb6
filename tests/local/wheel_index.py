"""A package index on loopback as pip reads one, whose files come whole, slowly, cut, changed or not at all."""

from __future__ import annotations

import http.server
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.serving import serving

Faults = Mapping[str, str]
"""Package → `absent`, `cut`, `other` or `slow`."""


@dataclass
class Index:
    url: str = ""
    asked: list[str] = field(default_factory=list)
    before_file: Callable[[str], object] = str
    """Called with the name of a wheel before it is sent."""


@contextmanager
def wheel_index(links: Path, faults: Faults | None = None) -> Iterator[Index]:
    """What stands in `links`, under `/simple/`."""
    index = Index()
    wrong = {name.replace("-", "_"): fault for name, fault in (faults or {}).items()}

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            words = self.path.strip("/").split("/")
            index.asked.append(self.path)
            if words[0] == "simple":
                self._list(words[1].replace("-", "_"))
            else:
                self._file(links / words[1])

        def _list(self, package: str) -> None:
            if wrong.get(package) == "absent":
                self.send_error(404)
                return
            names = [path.name for path in links.glob(f"{package}-*.whl")]
            page = "".join(f'<a href="/files/{name}">{name}</a>' for name in names).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def _file(self, path: Path) -> None:
            index.before_file(path.name)
            fault, content = wrong.get(path.name.split("-")[0], ""), path.read_bytes()
            if fault == "other":
                content = content[:-1] + bytes([content[-1] ^ 1])
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if fault == "slow":
                for start in range(0, len(content), len(content) // 4 + 1):
                    self.wfile.write(content[start : start + len(content) // 4 + 1])
                    time.sleep(0.4)
            else:
                self.wfile.write(content[: len(content) // 2] if fault == "cut" else content)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    with serving(server) as port:
        index.url = f"http://127.0.0.1:{port}/simple/"
        yield index
