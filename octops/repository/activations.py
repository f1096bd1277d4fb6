"""Since when a task's schedule counts: the commit of the first-parent history that last changed what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import IO, TypeAlias

from octops.declare.file import SourceFile
from octops.repository.git import Git
from octops.repository.objects import Blobs, open_blobs

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What decides when a task fires. `timezone` empty: that of octops.yaml holds.

    Of octops.yaml itself only `timezone` counts.
    """

    schedule: object = None
    timezone: str = ""
    status: str = ""


Reader: TypeAlias = Callable[[str, bytes], "Meaning | None"]
"""(path, content) → what that version of the file means; None: it could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The part of history to walk: back from `revision`, under `prefix`, up to the commits a shallow clone ends at."""

    revision: str
    prefix: str
    settings: str
    boundary: frozenset[str]


@dataclass(frozen=True, slots=True)
class Edit:
    """One file in one commit; a blob is empty where there was no file."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    committed_at: datetime
    edits: tuple[Edit, ...]


def activations(
    git: Git, wanted: Mapping[str, SourceFile], read: Reader, stretch: Stretch, blobs: Mapping[str, str]
) -> dict[str, datetime]:
    """When each wanted task file got its present meaning. `blobs` is what `stretch.revision` holds.

    Left out: a file that means something else on disk than in the revision, and one whose last change lies at or
    behind the boundary.
    """
    with open_blobs(git) as source:
        versions = _Versions(read, source)
        walk = _Walk(versions, stretch.settings, blobs.get(stretch.settings, ""))
        zone_kept = versions.zone(stretch.settings, walk.settings_blob) == versions.zone_of(
            wanted.get(stretch.settings)
        )
        for path, file in wanted.items():
            blob = blobs.get(path, "")
            if path != stretch.settings and blob and versions.same(file, blob, zone_kept=zone_kept):
                walk.waiting[path] = (path, blob)
        if walk.waiting:
            _follow(walk, git, stretch)
        return walk.found


def _follow(walk: _Walk, git: Git, stretch: Stretch) -> None:
    for commit in _commits(git, stretch):
        if commit.id in stretch.boundary:
            return
        walk.step(commit)
        if not walk.waiting:
            return


class _Missing(Exception):
    """A version this clone does not hold."""


class _Versions:
    """What each version of a file means, read at most once."""

    def __init__(self, read: Reader, blobs: Blobs) -> None:
        self._read = read
        self._blobs = blobs
        self._known: dict[tuple[str, str], Meaning | None] = {}

    def meaning(self, path: str, blob: str) -> Meaning | None:
        if not blob:
            return None
        key = (path, blob)
        if key not in self._known:
            content = self._blobs.get(blob)
            if content is None:
                raise _Missing
            self._known[key] = self._read(path, content)
        return self._known[key]

    def zone(self, path: str, blob: str) -> str:
        meaning = self.meaning(path, blob)
        return (meaning.timezone if meaning else "") or "UTC"

    def zone_of(self, file: SourceFile | None) -> str:
        meaning = self._read(file.path, file.content) if file else None
        return (meaning.timezone if meaning else "") or "UTC"

    def same(self, file: SourceFile, blob: str, *, zone_kept: bool) -> bool:
        """Whether a file as planned means what the revision says, given whether octops.yaml still names its zone."""
        if file.blob == blob and zone_kept:
            return True
        planned = self._read(file.path, file.content)
        if not zone_kept and (planned is None or not planned.timezone):
            return False
        try:
            return planned == self.meaning(file.path, blob)
        except _Missing:
            return False


class _Walk:
    """The tasks still looked for, newest commit first. `waiting`: wanted path → where and what it is at this point."""

    def __init__(self, versions: _Versions, settings: str, settings_blob: str) -> None:
        self.waiting: dict[str, tuple[str, str]] = {}
        self.found: dict[str, datetime] = {}
        self.settings_blob = settings_blob
        self._versions = versions
        self._settings = settings

    def step(self, commit: Commit) -> None:
        edits = {edit.path: edit for edit in commit.edits}
        gone = {PurePosixPath(edit.path).stem: edit for edit in commit.edits if not edit.after}
        settings = edits.get(self._settings, Edit(self._settings, self.settings_blob, self.settings_blob))
        everyone = self._zone_changed(settings)
        for wanted, (path, blob) in list(self.waiting.items()):
            if everyone or path in edits:
                edit = edits.get(path, Edit(path, blob, blob))
                self._decide(wanted, edit, gone.get(PurePosixPath(path).stem), settings, commit.committed_at)
        self.settings_blob = settings.before

    def _zone_changed(self, settings: Edit) -> bool:
        if settings.before == settings.after:
            return False
        try:
            return self._versions.zone(self._settings, settings.before) != self._versions.zone(
                self._settings, settings.after
            )
        except _Missing:
            self.waiting.clear()
            return False

    def _decide(self, wanted: str, edit: Edit, moved: Edit | None, settings: Edit, committed_at: datetime) -> None:
        """Found, given up, or followed further back; a file moved under the same id keeps its history."""
        earlier = (edit.path, edit.before)
        if not edit.before and moved is not None:
            earlier = (moved.path, moved.before)
        del self.waiting[wanted]
        if not earlier[1]:
            self.found[wanted] = committed_at
            return
        try:
            before = self._in_force(*earlier, settings.before)
            after = self._in_force(edit.path, edit.after, settings.after)
        except _Missing:
            return
        if before == after:
            self.waiting[wanted] = earlier
        else:
            self.found[wanted] = committed_at

    def _in_force(self, path: str, blob: str, settings_blob: str) -> Meaning | None:
        meaning = self._versions.meaning(path, blob)
        if meaning is None or meaning.timezone:
            return meaning
        return replace(meaning, timezone=self._versions.zone(self._settings, settings_blob))


def _commits(git: Git, stretch: Stretch) -> Iterator[Commit]:
    folder = f"{stretch.prefix}/" if stretch.prefix else ""
    arguments = (
        "log",
        "--first-parent",
        "--diff-merges=first-parent",
        "--root",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--no-relative",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "-O/dev/null",
        "--format=tformat:%H %ct",
        "--end-of-options",
        stretch.revision,
        "--",
        f"{folder}tasks",
        f"{folder}{stretch.settings}",
    )
    with git.process(*arguments) as process:
        if process.stdout is not None:
            yield from _parsed(_tokens(process.stdout), len(folder))


def _tokens(stream: IO[bytes]) -> Iterator[str]:
    rest = b""
    while chunk := stream.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        for token in whole:
            yield token.decode(errors="surrogateescape").lstrip("\n")


def _parsed(tokens: Iterator[str], skip: int) -> Iterator[Commit]:
    header = ""
    edits: list[Edit] = []
    for token in tokens:
        if token.startswith(":"):
            edits.append(_edit(token, next(tokens)[skip:]))
            continue
        if header:
            yield _commit(header, edits)
        header, edits = token, []
    if header:
        yield _commit(header, edits)


def _edit(line: str, path: str) -> Edit:
    mode_before, mode_after, before, after, _ = line[1:].split()
    return Edit(path, before if mode_before.startswith("100") else "", after if mode_after.startswith("100") else "")


def _commit(header: str, edits: list[Edit]) -> Commit:
    commit, seconds = header.split()
    return Commit(commit, datetime.fromtimestamp(int(seconds), UTC), tuple(edits))
