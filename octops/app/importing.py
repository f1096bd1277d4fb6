"""Drafts from another program become files: only valid ones, and never over a file that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octops.app.adding import file_text, path_of
from octops.app.workspace import Workspace
from octops.app.writing import write_new
from octops.errors import Diagnostic, OctopsError, Severity, UsageError

if TYPE_CHECKING:
    from octops.declare.file import Files
    from octops.importers.draft import Draft, Imported, Note

_PROJECT = "octops.yaml"
_SETTINGS = "version: 1\n"
_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What an import wrote, or would write: path → text; `kept` were there before and stay as they are."""

    files: Mapping[str, str]
    kept: tuple[str, ...]
    to_set: tuple[Note, ...]
    left_out: tuple[Note, ...]


def import_file(workspace: Workspace, format_: str, content: bytes, name: str) -> Brought:
    """Read a file of another program and work out our files; nothing is written yet."""
    from octops.importers.table import FORMATS
    from octops.importers.text import decoded

    imported = FORMATS[format_](decoded(content), name)
    return _Import(workspace.root, imported).brought()


def write_imported(workspace: Workspace, brought: Brought) -> None:
    write_new(workspace.root, brought.files)


def read_import(path: Path) -> bytes:
    """The bytes of an ordinary file, up to the limit and one more. UsageError when it cannot be read."""
    from octops.importers.draft import MAX_BYTES

    try:
        if not path.is_file():
            raise UsageError(f"`{path}` is not a file", code="no-such-file", detail="name the file to import")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}", code="unreadable") from error


class _Import:
    """Turns drafts into files until nothing is wrong with any of them."""

    def __init__(self, root: Path, imported: Imported) -> None:
        from octops.declare.naming import name_of
        from octops.declare.worktree import read_worktree

        self._root = root
        self._imported = imported
        self._there = read_worktree(root)
        self._paths = {(name.kind, name.id): name.path for name in (name_of(it.path) for it in self._there.files)}
        self._refused: dict[str, Diagnostic] = {}
        self._left_out = list(imported.left_out)

    def brought(self) -> Brought:
        known = [draft for draft in self._imported.drafts if (draft.kind, draft.id) in self._paths]
        drafts = [draft for draft in self._imported.drafts if draft not in known]
        for _ in range(_ROUNDS):
            texts = self._texts(drafts)
            mistakes = self._mistakes(texts)
            if not mistakes:
                break
            drafts = self._without(drafts, mistakes)
        else:
            raise UsageError(
                "what the file holds cannot be made valid beside the files there are",
                code="cannot-import",
                detail="run `octops validate`, mend what it says, and import again",
            )
        return Brought(
            files=texts if drafts else {},
            kept=tuple(self._paths[draft.kind, draft.id] for draft in known),
            to_set=self._imported.to_set,
            left_out=tuple(self._left_out),
        )

    def _texts(self, drafts: Sequence[Draft]) -> dict[str, str]:
        texts = {} if ("octops", "octops") in self._paths else {_PROJECT: _SETTINGS}
        for draft in drafts:
            path = path_of(draft.kind, draft.id)
            try:
                texts[path] = file_text(self._root, path, draft.kind, draft.values, draft.body)
            except OctopsError as error:
                # Nothing of it: an empty file is a mistake, and goes the way of all mistakes.
                self._refused[path] = error.diagnostics[0]
                texts[path] = ""
        return texts

    def _mistakes(self, texts: Mapping[str, str]) -> dict[str, Diagnostic]:
        """The first error of each new file, in the light of all the others."""
        from octops.declare.load import check_files

        found = check_files(_with(self._there, texts), set(texts))
        errors = [it for it in found if it.severity is Severity.ERROR and it.location is not None]
        return {it.location.filename: it for it in reversed(errors) if it.location is not None}

    def _without(self, drafts: Sequence[Draft], mistakes: Mapping[str, Diagnostic]) -> list[Draft]:
        from octops.importers.draft import Note

        lost = [draft for draft in drafts if path_of(draft.kind, draft.id) in mistakes]
        for draft in lost:
            path = path_of(draft.kind, draft.id)
            it = self._refused.get(path, mistakes[path])
            self._left_out.append(
                Note(place=path, said=f"left out: {it.summary}" + (f"; {it.detail}" if it.detail else ""))
            )
        ids = {(draft.kind, draft.id) for draft in lost}
        return [replace(draft, values=_pruned(draft.values, ids)) for draft in drafts if draft not in lost]


def _with(there: Files, texts: Mapping[str, str]) -> Files:
    from octops.declare.file import Files, SourceFile, blob_id

    new = [SourceFile(path, text.encode(), blob_id(text.encode())) for path, text in texts.items()]
    return Files(tuple(sorted((*there.files, *new), key=lambda file: file.path)), there.diagnostics)


def _pruned(values: Mapping[str, Any], lost: set[tuple[str, str]]) -> dict[str, Any]:
    """The values of a task without what is left out."""
    kept = dict(values)
    for key in ("sources", "skills", "destinations"):
        if key in kept:
            kept[key] = [id_ for id_ in kept[key] if (key.removesuffix("s"), id_) not in lost]
            if not kept[key]:
                del kept[key]
    return kept
