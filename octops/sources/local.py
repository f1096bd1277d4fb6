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
from octops.sources.globs import Globs
from octops.sources.opening import NotOpened, Tool
from octops.sources.surroundings import Surroundings
from octops.sources.text import shortened
from octops.sources.tree import Refused, Tree, parts_of

LARGEST_FILE: Final = 8 * 1024 * 1024
_MOST_FILES: Final = 1000
_MOST_LINES: Final = 200
_LONGEST_LINE: Final = 300
_MOST_SEARCHED: Final = 64 * 1024 * 1024
_ROOM_FOR_WORDS: Final = 400

_PATTERN: Final[Mapping[str, Value]] = {
    "type": "string",
    "maxLength": 1000,
    "description": "A glob such as `docs/**/*.md`. Default: all files.",
}
TOOLS: Final = (
    Tool(
        name="list_files",
        description="Lists the files that can be read, one path a line.",
        schema={"type": "object", "properties": {"pattern": _PATTERN}, "additionalProperties": False},
        read_only=True,
    ),
    Tool(
        name="read_file",
        description="Reads one text file.",
        schema={
            "type": "object",
            "properties": {
                "path": {"type": "string", "maxLength": 4096, "description": "A path as list_files writes it."},
                "offset": {"type": "integer", "minimum": 1, "description": "The line to begin with. Default: 1."},
                "limit": {"type": "integer", "minimum": 1, "description": "How many lines. Default: as many as fit."},
            },
            "required": ["path"],
            "additionalProperties": False,
        },
        read_only=True,
    ),
    Tool(
        name="search_files",
        description="Finds lines that contain a text, in either case. Answers with `path:line: the line`.",
        schema={
            "type": "object",
            "properties": {
                "text": {"type": "string", "minLength": 1, "maxLength": 1000, "description": "The text to look for."},
                "pattern": _PATTERN,
            },
            "required": ["text"],
            "additionalProperties": False,
        },
        read_only=True,
    ),
)


@asynccontextmanager
async def open_local(source: Source, surroundings: Surroundings) -> AsyncIterator[OpenLocal]:
    """Holds nothing open: every call looks at the files anew."""
    try:
        tree = _tree(source.config, surroundings)
        await asyncio.to_thread(tree.check)
    except (Refused, OSError) as error:
        folder = source.config.get("path", ".")
        raise NotOpened(
            f"`path` is not a folder of the repository: `{folder}`", kind=ErrorKind.CONFIG, hint=str(error)
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


def _tree(config: Mapping[str, Value], surroundings: Surroundings) -> Tree:
    folder = str(config.get("path", "."))
    return Tree(
        root=surroundings.root,
        folder=() if folder.strip("./") == "" and ".." not in folder else parts_of(folder),
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
