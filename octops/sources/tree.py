"""Files below one folder, and nothing else: no links, no way up, nothing of git's, whatever a path says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from octops.rules.paths import is_gits, way_down
from octops.sources.globs import Globs

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DEEPEST: Final = 64


class Refused(Exception):
    """A path that is not there for a model. The text is a sentence for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """What `include` and `exclude` leave of a folder. Every step down is opened from the folder above it."""

    root: Path
    folder: tuple[str, ...]
    """The folder's way down from the root, which may not lead over links either."""
    include: Globs
    exclude: Globs

    def check(self) -> None:
        """Raises Refused when the folder is not there."""
        with self._open_folder():
            pass

    def files(self) -> Iterator[str]:
        """The paths of all files, in the order of their parts; what cannot be read is not there."""
        with self._open_folder() as folder:
            yield from self._below(folder, ())

    def read(self, path: str, most: int) -> bytes:
        """The whole of one file. Raises Refused."""
        parts = parts_of(path)
        if not self._shown(parts):
            raise Refused(f"`{path}` is not one of the files that may be read; list_files tells them")
        with self._open_folder() as folder, _opened(parts[:-1], folder, path) as parent:
            return _content(parts[-1], parent, path, most)

    def _shown(self, parts: Sequence[str]) -> bool:
        return not is_gits(parts) and self.include.match(parts) and not self.exclude.match_any_parent(parts)

    def _below(self, folder: int, above: tuple[str, ...]) -> Iterator[str]:
        with os.scandir(folder) as found:
            entries = sorted(
                (entry.name, entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False))
                for entry in found
            )
        for name, is_folder, is_file in entries:
            parts = (*above, name)
            if is_file and self._shown(parts):
                yield "/".join(parts)
            elif is_folder and self._may_hold(parts):
                try:
                    below = os.open(name, _FOLDER, dir_fd=folder)
                except OSError:
                    continue
                try:
                    yield from self._below(below, parts)
                finally:
                    os.close(below)

    def _may_hold(self, parts: Sequence[str]) -> bool:
        return (
            len(parts) < _DEEPEST
            and not is_gits(parts)
            and self.include.may_match_below(parts)
            and not self.exclude.match_any_parent(parts)
        )

    @contextmanager
    def _open_folder(self) -> Iterator[int]:
        root = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with _opened(self.folder, root, "/".join(self.folder)) as folder:
                yield folder
        finally:
            os.close(root)


def parts_of(path: str) -> tuple[str, ...]:
    """A path from a stranger in parts. Raises Refused for one that is not a plain way down."""
    parts = way_down(path)
    if not parts:
        raise Refused("a path leads down from the source's folder, as list_files writes it, without `..`")
    if is_gits(parts):
        raise Refused("git's own files may not be read")
    return parts


@contextmanager
def _opened(parts: Sequence[str], folder: int, path: str) -> Iterator[int]:
    """The folder at the end of the parts; `folder` stays open."""
    at = os.dup(folder)
    try:
        for part in parts:
            below = _open(part, _FOLDER, at, path)
            os.close(at)
            at = below
        yield at
    finally:
        os.close(at)


def _open(name: str, flags: int, folder: int, path: str) -> int:
    # File systems that take `Drafts` for `drafts` would open what the globs say no to.
    if name not in os.listdir(folder):
        raise Refused(f"there is no `{path}`")
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        raise Refused(f"`{path}` cannot be read: it is a link, or not what its path says, or protected") from error


def _content(name: str, folder: int, path: str, most: int) -> bytes:
    file = _open(name, _FILE, folder, path)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise Refused(f"`{path}` is not a file")
        if found.st_size > most:
            raise Refused(f"`{path}` is too large: {found.st_size} bytes, more than {most}")
        with os.fdopen(file, "rb", closefd=False) as opened:
            content = opened.read(most + 1)
    finally:
        os.close(file)
    if len(content) > most:
        raise Refused(f"`{path}` is too large: it grew past {most} bytes")
    return content
