"""Where sources find the project's files: the work tree, or in a bare repository a copy of the commit's."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from octops.app.workspace import Workspace
from octops.errors import UsageError
from octops.model.project import Project
from octops.repository.checkout import Repository


def source_root(workspace: Workspace, project: Project) -> Path:
    """The folder `local` sources read and servers are started in.

    A bare repository's own folder is never it: git's configuration, passwords in it, would be files to read.
    """
    repository = workspace.repository
    if repository is None or not repository.bare:
        return workspace.root
    needed = any(it.type == "local" or "command" in it.config for it in project.sources.values())
    return _copy(repository.place.git_dir, project.revision, full=needed)


@cache
def _copy(git_dir: Path, revision: str, *, full: bool) -> Path:
    """A folder that is gone when the process ends; empty, unless the files are needed."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="octops-files-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        repository = Repository.open(git_dir)
        if full and repository is not None:
            repository.export(revision, folder)
    except OSError as error:
        raise UsageError(
            f"the files of the commit cannot be copied for the sources: {error.strerror}",
            code="cannot-write",
            detail="set TMPDIR to a folder with room",
        ) from error
    return folder
