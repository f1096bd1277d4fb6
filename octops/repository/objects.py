"""Trees and blobs: one `ls-tree` for names, one `cat-file --batch` for contents."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from octops.repository.git import Git, failure, missing_objects

_ARGUMENTS = 400
"""Paths in one command line, well below what a system takes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a tree. `mode` is git's (`100644`, `120000` a link, `160000` a submodule); `size` -1: not asked."""

    path: str
    mode: str
    blob: str
    size: int = -1

    @property
    def regular(self) -> bool:
        return self.mode.startswith("100")

    @property
    def link(self) -> bool:
        return self.mode == "120000"


def entries(git: Git, tree: str, paths: Sequence[str] = (), *, sizes: bool = False) -> tuple[Entry, ...]:
    """Everything below `paths` in a commit or tree, folders followed; paths that do not exist give nothing.

    Each path must be plain (no trailing slash): a file, or a folder taken whole.
    """
    found: list[Entry] = []
    for start in range(0, max(len(paths), 1), _ARGUMENTS):
        chunk = paths[start : start + _ARGUMENTS]
        long = ["-l"] if sizes else []
        arguments = ("ls-tree", "-r", "-z", "--full-tree", *long, "--end-of-options", tree, *chunk)
        finished = git.run(*arguments)
        if finished.code != 0:
            if "Not a valid object name" in finished.err or "not a tree object" in finished.err:
                return ()
            raise failure(arguments, finished)
        found += map(_entry, finished.out.split(b"\0")[:-1])
    return tuple(found)


def _entry(line: bytes) -> Entry:
    front, _, path = line.partition(b"\t")
    mode, _, blob, *size = front.decode().split()
    length = int(size[0]) if size and size[0].isdigit() else -1
    return Entry(path=path.decode(errors="surrogateescape"), mode=mode, blob=blob, size=length)


def folders(git: Git, tree: str, path: str) -> tuple[str, ...]:
    """Every folder below a path of a commit, at any depth."""
    finished = git.read("ls-tree", "-r", "-d", "-z", "--name-only", "--full-tree", "--end-of-options", tree, path)
    return tuple(name.decode(errors="surrogateescape") for name in finished.out.split(b"\0")[:-1])


def contents(git: Git, blobs: Iterable[str]) -> Mapping[str, bytes]:
    """The bytes of each blob, by its id. Raises GitError when one is not in this clone."""
    wanted = tuple(dict.fromkeys(blobs))
    found = available(git, wanted)
    if len(found) < len(wanted):
        raise missing_objects()
    return found


def available(git: Git, blobs: Iterable[str]) -> Mapping[str, bytes]:
    """The bytes of those blobs that are in this clone, by id."""
    wanted = list(dict.fromkeys(blobs))
    if not wanted:
        return {}
    finished = git.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in wanted).encode())
    if finished.code != 0:
        raise failure(("cat-file",), finished)
    return dict(_parsed(finished.out))


def _parsed(output: bytes) -> Iterator[tuple[str, bytes]]:
    position = 0
    while position < len(output):
        line_end = output.index(b"\n", position)
        name, kind, *size = output[position:line_end].decode().split()
        position = line_end + 1
        if kind != "missing" and size:
            end = position + int(size[0])
            yield name, output[position:end]
            position = end + 1


class Blobs:
    """Blobs asked for one at a time; git is started by the first question."""

    def __init__(self, git: Git, running: ExitStack) -> None:
        self._git = git
        self._running = running
        self._process: subprocess.Popen[bytes] | None = None

    def get(self, blob: str) -> bytes | None:
        """The bytes, or None when this clone does not hold them."""
        if self._process is None:
            self._process = self._running.enter_context(self._git.process("cat-file", "--batch"))
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return None
        try:
            stdin.write(f"{blob}\n".encode())
            stdin.flush()
        except BrokenPipeError:
            return None
        answer = stdout.readline().split()
        if len(answer) != 3:
            return None
        content = stdout.read(int(answer[2]) + 1)
        return content[:-1] if answer[1] == b"blob" else None


@contextmanager
def open_blobs(git: Git) -> Iterator[Blobs]:
    """Ask for blobs one after another; the one git process behind it ends with the block."""
    with ExitStack() as running:
        yield Blobs(git, running)
