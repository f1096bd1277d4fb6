"""The project's files in one style: which files are rewritten, and how a file is replaced."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from octops.app.workspace import Workspace
from octops.errors import Diagnostic, OctopsError, Severity, UsageError

if TYPE_CHECKING:
    from octops.declare.file import SourceFile


_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restyled:
    """A file whose text changes; `path` is relative to the project's root."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatting:
    """What the style changes, and the mistakes that keep a file as it is."""

    restyled: tuple[Restyled, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: int


def format_project(workspace: Workspace, paths: Sequence[Path] = ()) -> Formatting:
    """Work out the style of the named files, or of all; nothing is written. UsageError for a name that is no file."""
    from octops.app.checking import only_about
    from octops.declare.worktree import read_worktree

    files = read_worktree(workspace.root)
    if lost := only_about(workspace, (), paths):
        raise OctopsError(*lost)
    chosen = _chosen(workspace, files.files, paths)
    if not paths and not files.files and not files.diagnostics:
        raise UsageError(
            "there is no file to format here",
            code="no-project",
            detail="run `octops init` to start a project, or change to its directory (`octops -C DIR …`)",
        )
    restyled: list[Restyled] = []
    diagnostics = [it for it in files.diagnostics if it.severity is Severity.ERROR and not paths]
    for file in chosen:
        outcome = _restyled(file)
        if isinstance(outcome, Restyled):
            restyled.append(outcome)
        else:
            diagnostics += outcome
    return Formatting(restyled=tuple(restyled), diagnostics=tuple(diagnostics), files=len(chosen))


def write_formatted(workspace: Workspace, restyled: Sequence[Restyled]) -> None:
    """Replace each file in one step, so that no reader sees half of it; a link stays a link."""
    for it in restyled:
        target = (workspace.root / it.path).resolve()
        try:
            _replace(target, it.after.encode())
        except OSError as error:
            raise UsageError(f"cannot write `{it.path}`: {error.strerror}", code="cannot-write") from error


def _chosen(workspace: Workspace, files: Sequence[SourceFile], paths: Sequence[Path]) -> list[SourceFile]:
    if not paths:
        return list(files)
    names = {os.path.relpath(os.path.normpath(Path.cwd() / path), workspace.root) for path in paths}
    return [file for file in files if file.path in names]


def _restyled(file: SourceFile) -> Restyled | tuple[Diagnostic, ...]:
    """The file in the one style; nothing to say when it has it already, everything when it has mistakes."""
    from octops.declare.file import UnreadableText, text_of
    from octops.declare.located import locate
    from octops.declare.naming import name_of
    from octops.declare.reading import read
    from octops.declare.style.file import StyleRefused, styled

    kind, markdown = name_of(file.path).kind, file.path.endswith(".md")
    try:
        text = text_of(file)
        mistakes = [it for it in read(text, kind, markdown=markdown).problems if it.severity is Severity.ERROR]
        if mistakes:
            return locate(file.path, text, mistakes)
        after = styled(text, kind, markdown=markdown)
        if markdown:
            after = _with_its_own_body(after, text, file.content.decode())
    except (UnreadableText, StyleRefused) as error:
        return error.diagnostics
    if after.encode("utf-8", "surrogatepass") == file.content:
        return ()
    return Restyled(path=file.path, before=file.content.decode(errors="replace"), after=after)


def _with_its_own_body(after: str, text: str, written: str) -> str:
    """Below the front matter every line keeps the end it was written with."""
    from octops.declare.frontmatter import split

    body = split(text).body
    if not body:
        return after
    ends = [match.end() for match in _LINE_END.finditer(written)]
    start = ends[-body.count("\n") - 1] if len(ends) > body.count("\n") else 0
    return after.removesuffix(body) + written[start:]


def _replace(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".octops-fmt-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        shutil.copymode(target, name)
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
