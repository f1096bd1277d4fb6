"""The settings alone, for commands that read the ledger whatever the other files say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from octops.errors import InvalidProject, Severity
from octops.model.project import Settings

if TYPE_CHECKING:
    from octops.app.workspace import Workspace
    from octops.declare.file import Files, SourceFile


def read_settings(workspace: Workspace) -> Settings:
    """What octops.yaml says on disk, or in the checked out commit where it is not on disk; else the defaults.

    Raises InvalidProject for its mistakes: they could hide where the ledger is.
    """
    return settings_in(_settings_file(workspace))


def settings_in(files: Files) -> Settings:
    """What the one file says, the defaults where there is none. Raises InvalidProject for its mistakes."""
    from octops.declare.file import UnreadableText, text_of
    from octops.declare.findings import Findings
    from octops.declare.reading import read
    from octops.declare.settings import settings_of

    findings = Findings(files)
    values = None
    for file in files.files:
        try:
            reading = read(text_of(file), "octops", markdown=False)
        except UnreadableText as error:
            findings.unreadable(error)
        else:
            findings.add(file.path, reading.problems)
            values = reading.values
    diagnostics = findings.diagnostics()
    if any(it.severity is Severity.ERROR for it in diagnostics):
        raise InvalidProject(diagnostics)
    return settings_of(values) if values is not None else Settings()


def _settings_file(workspace: Workspace) -> Files:
    from octops.declare.file import Files
    from octops.declare.layout import PROJECT_FILE
    from octops.declare.worktree import read_worktree

    repository = workspace.repository
    path = workspace.root / PROJECT_FILE
    if (repository is None or not repository.bare) and path.is_file():
        plain = not path.is_symlink() and os.access(path, os.R_OK)
        # A link may lead out of the project: the reading of all files judges that.
        found = Files((_file(path),)) if plain else read_worktree(workspace.root)
    elif repository is not None and (head := repository.head()):
        found = repository.files(head)
    else:
        return Files(())
    return Files(
        tuple(file for file in found.files if file.path == PROJECT_FILE),
        tuple(it for it in found.diagnostics if it.location and it.location.filename == PROJECT_FILE),
    )


def _file(path: Path) -> SourceFile:
    from octops.declare.file import MAX_FILE_BYTES, SourceFile

    with path.open("rb") as file:
        return SourceFile(path.name, file.read(MAX_FILE_BYTES + 1), "")
