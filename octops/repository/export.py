"""The files of a commit written to a folder, where there is no work tree that holds them."""

from __future__ import annotations

from pathlib import Path

from octops.errors import GitError
from octops.repository.commits import check_path
from octops.repository.git import Git, missing_objects
from octops.repository.objects import entries, open_blobs


def export(git: Git, tree: str, folder: Path) -> None:
    """Write the regular files of a tree below an empty folder, as they were committed: no filter, no line-end change.

    Links and submodules are left out, and paths that could leave the folder. Raises GitError, OSError.
    """
    with open_blobs(git) as blobs:
        for entry in entries(git, tree):
            if not entry.regular or not _plain(entry.path):
                continue
            content = blobs.get(entry.blob)
            if content is None:
                raise missing_objects()
            target = folder / entry.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            if entry.mode == "100755":
                target.chmod(0o755)


def _plain(path: str) -> bool:
    try:
        check_path(path)
    except GitError:
        return False
    return True
