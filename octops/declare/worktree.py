"""The project's files from a directory: what may be opened there, and how."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from octops.declare import layout
from octops.declare.file import MAX_FILE_BYTES, Files, SourceFile, blob_id, too_large
from octops.errors import Diagnostic, UsageError

# O_NONBLOCK: opening a FIFO would wait for a writer. O_NOFOLLOW: a link put there a moment ago is not followed.
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC

_PERMISSIONS = "give yourself the right to read it, or move it out of the project's folders"
_REPLACE = "replace the link by the file itself"


def read_worktree(root: Path) -> Files:
    """Read `octops.yaml` and everything the project owns in its four folders, sorted by path.

    Opens regular files inside `root` only. What cannot be read is a diagnostic; UsageError when `root` is no folder.
    """
    try:
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"`{root}` is not a folder that can be read: {error.strerror}") from error
    walk = _Walk(root)
    try:
        walk.top(folder)
    finally:
        os.close(folder)
    return Files(tuple(sorted(walk.files, key=lambda file: file.path)), tuple(walk.diagnostics))


class _Walk:
    """Goes through folders by descriptor, so that no folder can be swapped for a link on the way."""

    def __init__(self, root: Path) -> None:
        self.files: list[SourceFile] = []
        self.diagnostics: list[Diagnostic] = []
        self._root = os.path.realpath(root)
        self._full = False

    def top(self, descriptor: int) -> None:
        with os.scandir(descriptor) as entries:
            kinds = {entry.name: entry for entry in entries}
            choice = layout.project_files(kinds)
            self.diagnostics += choice.diagnostics
            for name in choice.files:
                self._file(descriptor, "", kinds[name])
            for name in choice.folders:
                self._top_folder(descriptor, kinds[name])

    def _top_folder(self, descriptor: int, entry: os.DirEntry[str]) -> None:
        if entry.is_dir(follow_symlinks=False):
            self._folder(descriptor, entry.name, entry.name)
        else:
            self._refuse(
                "not-a-folder", entry.name, "is not a folder", "tasks, skills, sources and destinations are folders"
            )

    def _folder(self, parent: int, path: str, name: str) -> None:
        """Recursion ends at layout.MAX_FOLDERS."""
        with self._opened(parent, path, name) as descriptor:
            if descriptor is None:
                return
            with os.scandir(descriptor) as scan:
                entries = {entry.name: entry for entry in scan}
                folders = [name for name, entry in entries.items() if entry.is_dir(follow_symlinks=False)]
                choice = layout.choose(path, entries.keys() - set(folders), folders)
                self.diagnostics += choice.diagnostics
                for chosen in choice.files:
                    self._file(descriptor, f"{path}/", entries[chosen])
                for ignored in choice.ignored:
                    self._ignored(path, entries[ignored])
            for chosen in choice.folders:
                self._folder(descriptor, f"{path}/{chosen}", chosen)

    def _ignored(self, folder: str, entry: os.DirEntry[str]) -> None:
        """A name octops would not read is still no place for a device or a link elsewhere."""
        path = f"{folder}/{entry.name}"
        if entry.is_file(follow_symlinks=False) or (entry.is_symlink() and self._target(path) is not None):
            self.diagnostics.append(layout.ignored(folder, entry.name))
        elif not entry.is_symlink():
            self._not_a_file(path)

    @contextmanager
    def _opened(self, parent: int, path: str, name: str) -> Iterator[int | None]:
        try:
            descriptor = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=parent)
        except OSError as error:
            self._refuse("unreadable", path, f"cannot be read: {error.strerror}", _PERMISSIONS)
            yield None
            return
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _file(self, folder: int, prefix: str, entry: os.DirEntry[str]) -> None:
        path = prefix + entry.name
        if len(self.files) >= layout.MAX_FILES:
            self._too_many(path)
        elif entry.is_symlink():
            target = self._target(path)
            if target is not None:
                self._read(target, path, None)
        elif not entry.is_file(follow_symlinks=False):
            self._not_a_file(path)
        else:
            self._read(entry.name, path, folder)

    def _target(self, path: str) -> str | None:
        """The regular file inside the root that a link leads to, or None after saying why there is none."""
        try:
            target = os.path.realpath(f"{self._root}/{path}", strict=True)
            regular = stat.S_ISREG(Path(target).stat().st_mode)
        except OSError as error:
            what = "is a link that leads in a circle" if error.errno == errno.ELOOP else "is a link to nothing"
            self._refuse("not-a-file", path, what, _REPLACE)
            return None
        inside = os.path.relpath(target, self._root).split("/")
        if inside[0] == ".." or ".git" in inside:
            # A link into .git would print the credentials a CI checkout keeps there.
            self._refuse("outside-project", path, "is a link out of the project", _REPLACE)
        elif not regular:
            self._refuse("not-a-file", path, "is a link to something that is not a file", _REPLACE)
        elif Path(target).suffix != Path(path).suffix:
            self._refuse("not-a-file", path, "is a link to another kind of file", _REPLACE)
        else:
            return target
        return None

    def _read(self, name: str, path: str, folder: int | None) -> None:
        try:
            descriptor = os.open(name, _OPEN, dir_fd=folder)
        except OSError as error:
            self._refuse("unreadable", path, f"cannot be read: {error.strerror}", _PERMISSIONS)
            return
        try:
            self._read_open(descriptor, path)
        except OSError as error:
            self._refuse("unreadable", path, f"cannot be read: {error.strerror}", _PERMISSIONS)
        finally:
            os.close(descriptor)

    def _read_open(self, descriptor: int, path: str) -> None:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            self._not_a_file(path)
            return
        content = _content(descriptor, status.st_size)
        if len(content) > MAX_FILE_BYTES:
            self.diagnostics.append(too_large(path))
        else:
            self.files.append(SourceFile(path, content, blob_id(content)))

    def _not_a_file(self, path: str) -> None:
        self._refuse("not-a-file", path, "is not a regular file", "octops reads ordinary files only")

    def _too_many(self, path: str) -> None:
        if not self._full:
            self._refuse("too-many-files", path, f"is more than file number {layout.MAX_FILES}", "split the project")
        self._full = True

    def _refuse(self, code: str, path: str, what: str, detail: str = "") -> None:
        self.diagnostics.append(layout.problem(code, path, what, detail))


def _content(descriptor: int, size: int) -> bytes:
    """All of the file, or one byte more than is allowed. `size` is a hint: the file may be growing."""
    content = os.read(descriptor, min(size, MAX_FILE_BYTES) + 1)
    while size < len(content) <= MAX_FILE_BYTES:
        more = os.read(descriptor, MAX_FILE_BYTES + 1 - len(content))
        if not more:
            break
        content += more
    return content
