"""A folder to import into, and the files of a project as they would be written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from octops.app.importing import Brought, import_file, write_imported
from octops.app.workspace import open_workspace
from octops.declare.load import declare
from octops.declare.worktree import read_worktree
from octops.model.project import Project


def brought(folder: Path, format_: str, document: Any, name: str = "given.json") -> Brought:
    """Import a document (or a text) into a folder."""
    text = document if isinstance(document, str) else json.dumps(document)
    workspace = open_workspace(folder)
    found = import_file(workspace, format_, text.encode("utf-8", "surrogatepass"), name)
    write_imported(workspace, found)
    return found


def project_in(folder: Path) -> Project:
    """The valid project that is there now; InvalidProject otherwise."""
    return declare(read_worktree(folder)).project


def told(found: Brought) -> str:
    return "\n".join(f"{note.place}: {note.said}" for note in (*found.to_set, *found.left_out))


def everything(folder: Path, found: Brought) -> str:
    """All that an import writes or says."""
    return "\n".join(path.read_text() for path in folder.rglob("*.*") if path.is_file()) + told(found)
