"""Octops' own copy of a remote's records branch, inside the git directory: a cache, safe to delete at any time."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from octops.errors import GitError
from octops.repository.git import Git, disk_full
from octops.repository.remote import NAME, Remote

WHOLE = "blob:none"
TOP = "tree:2"
"""Trees of the root and of the folders in it: of 100,000 records none is mentioned."""

_LOOSE = 24
"""Files in one of the 256 object folders from which on the copy is made anew (about 6,000 objects)."""
_PACKS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The user's own clone stays as it is: no ref, no shallow boundary, no promise of missing objects enters it."""

    git: Git
    remote: Remote
    filter: str = WHOLE

    @classmethod
    def open(
        cls, git: Git, common_dir: Path, remote: Remote, branch: str, *, sha256: bool = False, top_only: bool = False
    ) -> Store:
        """The copy for this remote and branch, made empty when there is none. Starts no process.

        With `top_only` it knows the root and the folders in it, unless a whole copy is there already.
        """
        name = hashlib.sha256(f"{remote.url}\0{branch}".encode(errors="surrogateescape")).hexdigest()[:16]
        directory = common_dir / "octops" / f"{name}.git"
        top_only = top_only and not directory.exists()
        if top_only:
            directory = directory.with_suffix(".top.git")
        try:
            directory.parent.mkdir(parents=True, exist_ok=True)
            _use(directory)
            if not (directory / "HEAD").is_file():
                _create(directory, sha256=sha256)
        except OSError as error:
            raise _not_written(directory.parent, error) from error
        start = git.directory or git.work_tree or git.git_dir
        return cls(
            git=replace(git, git_dir=directory, work_tree=None, directory=start),
            remote=remote,
            filter=TOP if top_only else WHOLE,
        )

    @property
    def online(self) -> Git:
        """Git on the copy, able to reach the remote. Only here does it know that objects may be missing."""
        promise = ((f"remote.{NAME}.promisor", "true"), (f"remote.{NAME}.partialclonefilter", self.filter))
        return replace(self.git.online, configuration=(*self.remote.settings, *promise))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time: several octops on one clone share the copy."""
        with ExitStack() as stack:
            try:
                file = stack.enter_context(self.git.git_dir.with_suffix(".lock").open("w"))
            except OSError as error:
                raise _not_written(self.git.git_dir.parent, error) from error
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _not_written(folder: Path, error: OSError) -> GitError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(f"the disk of `{folder}`")
    detail = "octops keeps a copy of the ledger there: make the folder writable"
    return GitError(f"`{folder}` cannot be written: {error.strerror}", detail=detail)


_in_use: dict[Path, int] = {}
"""Open files that tell other processes which copies this one works with, until it ends."""


def _use(directory: Path) -> None:
    """Mark the copy as used; one that has grown too large is thrown away if nobody else uses it."""
    if directory in _in_use:
        return
    lock = os.open(directory.with_suffix(".use"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    if _worn_out(directory):
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(directory, ignore_errors=True)
    fcntl.flock(lock, fcntl.LOCK_SH)
    _in_use[directory] = lock


def _create(directory: Path, *, sha256: bool) -> None:
    making = Path(mkdtemp(prefix="new-", dir=directory.parent))
    (making / "objects").mkdir()
    (making / "refs").mkdir()
    version, extension = (1, "[extensions]\n\tobjectFormat = sha256\n") if sha256 else (0, "")
    (making / "config").write_text(f"[core]\n\tbare = true\n\trepositoryformatversion = {version}\n{extension}")
    (making / "HEAD").write_text("ref: refs/heads/none\n")
    try:
        making.rename(directory)
    except OSError:
        # Another octops made it first.
        shutil.rmtree(making)


def _worn_out(directory: Path) -> bool:
    objects = directory / "objects"
    packs = sum(path.suffix == ".pack" for path in (objects / "pack").glob("*"))
    return packs > _PACKS or sum(1 for _ in (objects / "17").glob("*")) > _LOOSE
