"""Files of the repository as a source: the tools that list, read and search them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from octops.model.ids import Value
from octops.model.project import Source
from octops.model.run import ErrorKind, ToolResult
from octops.rules.paths import folder_refusal, way_down
from octops.rules.tools import FILE_TOOLS
from octops.sources.globs import Globs
from octops.sources.opening import NotOpened, Tool
from octops.sources.surroundings import Surroundings
from octops.sources.text import shortened
from octops.sources.tree import Refused, Tree

LARGEST_FILE: Final = 8 * 1024 * 1024
_MOST_FILES: Final = 1000
_MOST_LINES: Final = 200
_LONGEST_LINE: Final = 300
_MOST_SEARCHED: Final = 64 * 1024 * 1024
_ROOM_FOR_WORDS: Final = 400

TOOLS: Final = tuple(
    Tool(name=name, description=description, schema=FILE_TOOLS[name], read_only=True)
    for name, description in {
        "list_files": "Lists the files that can be read, one path a line.",
        "read_file": "Reads one text file.",
        "search_files": "Finds lines that contain a text, in either case. Answers with `path:line: the line`.",
    }.items()
)


@asynccontextmanager
async def open_local(source: Source, surroundings: Surroundings) -> AsyncIterator[OpenLocal]:
    """Holds nothing open: every call looks at the files anew."""
    folder = str(source.config.get("path", "."))
    if refused := folder_refusal(folder):
        raise NotOpened(refused.what, kind=ErrorKind.CONFIG, hint=_hint(source, refused.cure))
    tree = _tree(folder, source.config, surroundings)
    try:
        await asyncio.to_thread(tree.check)
    except (Refused, OSError) as error:
        cure = "create the folder, or name another one; `path` counts from the repository's root and follows no links"
        raise NotOpened(
            f"`path` is not a folder of the repository: `{folder}`", kind=ErrorKind.CONFIG, hint=_hint(source, cure)
        ) from error
    yield OpenLocal(tree=tree, room=max(_ROOM_FOR_WORDS, surroundings.result_bytes - _ROOM_FOR_WORDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLocal:
    tree: Tree
    room: int
    """How many bytes of a file one answer may hold."""
    tools: tuple[Tool, ...] = field(default=TOOLS)

    async def call(self, tool: str, arguments: Mapping[str, Value]) -> ToolResult:
        """In a thread, which stops soon after the call is given up."""
        ways: dict[str, Callable[..., str]] = {
            "list_files": self.list_files,
            "read_file": self.read_file,
            "search_files": self.search_files,
        }
        stop = threading.Event()
        try:
            return ToolResult(text=await asyncio.to_thread(ways[tool], stop, **arguments))
        except Refused as error:
            return ToolResult(text=str(error), is_error=True)
        except OSError as error:
            return ToolResult(text=f"the files cannot be read: {error.strerror}", is_error=True)
        finally:
            stop.set()

    def list_files(self, stop: threading.Event, pattern: str = "**") -> str:
        paths: list[str] = []
        for path in self._files(stop, pattern):
            if len(paths) == _MOST_FILES:
                paths.append(f"[there are more than {_MOST_FILES} files; narrow it down with `pattern`]")
                break
            paths.append(json.dumps(path) if not path.isprintable() else path)
        return "\n".join(paths) or "[there are no such files]"

    def read_file(self, stop: threading.Event, path: str, offset: int = 1, limit: int | None = None) -> str:
        lines = _text(self.tree.read(path, LARGEST_FILE), path).split("\n")
        end = len(lines) if limit is None else min(len(lines), offset - 1 + limit)
        shown: list[str] = []
        room = self.room
        for line in lines[offset - 1 : end]:
            size = len(line.encode()) + 1
            if size > room:
                break
            shown.append(line)
            room -= size
        if offset > len(lines):
            return f"[the file has {len(lines)} lines]"
        return "\n".join(shown) + _rest(lines, offset, len(shown), end, self.room)

    def search_files(self, stop: threading.Event, text: str, pattern: str = "**") -> str:
        found: list[str] = []
        searched = 0
        for path in self._files(stop, pattern):
            try:
                content = self.tree.read(path, LARGEST_FILE)
                lines = _text(content, path).split("\n")
            except Refused:
                continue
            searched += len(content)
            found += _matches(path, lines, text.casefold())
            if len(found) > _MOST_LINES:
                return "\n".join((*found[:_MOST_LINES], f"[only the first {_MOST_LINES} lines; narrow it down]"))
            if searched > _MOST_SEARCHED:
                found.append(f"[stopped after {searched >> 20} MiB, at {path}; narrow it down with `pattern`]")
                break
        return "\n".join(found) or "[no line contains it]"

    def _files(self, stop: threading.Event, pattern: str) -> Iterator[str]:
        wanted = Globs((pattern,), hidden=True)
        for path in self.tree.files():
            if stop.is_set():
                return
            if wanted.match(path.split("/")):
                yield path


def _hint(source: Source, cure: str) -> str:
    return f"{source.path}: {cure}" if source.path else cure


def _tree(folder: str, config: Mapping[str, Value], surroundings: Surroundings) -> Tree:
    return Tree(
        root=surroundings.root,
        folder=way_down(folder) or (),
        include=Globs(_globs(config.get("include"), ("**",))),
        exclude=Globs(_globs(config.get("exclude"), ()), hidden=True),
    )


def _globs(value: Any, default: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(str, value)) if value is not None else default


def _text(content: bytes, path: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Refused(f"`{path}` is not a text file")
    return text.replace("\r\n", "\n")


def _rest(lines: list[str], offset: int, shown: int, end: int, room: int) -> str:
    """What to say about lines that did not fit."""
    after = offset + shown
    if after > end:
        return ""
    if not shown:
        # One line alone is too long: its beginning is all there is to see of it.
        return lines[offset - 1].encode()[:room].decode(errors="ignore") + f"\n[line {offset} is cut off here]"
    return f"\n[lines {offset} to {after - 1} of {len(lines)}; go on with offset {after}]"


def _matches(path: str, lines: list[str], text: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if text in line.casefold():
            yield f"{path}:{number}: {shortened(line.strip(), _LONGEST_LINE)}"
