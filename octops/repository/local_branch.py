"""The records branch in the user's own repository, where there is no remote to share it through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from octops.errors import GitError
from octops.repository.commits import Draft, Identity, build, committed_at
from octops.repository.git import Git, failure
from octops.repository.objects import Entry, contents, entries, folders

_HEADS = ("HEAD", "reftable/tables.list", "worktrees/*/HEAD", "worktrees/*/reftable/tables.list")
"""Files one of which changes whenever a branch is checked out."""
_CONFLICTS = ("but expected", "cannot lock ref", "reference already exists", "unable to resolve reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalBranch:
    """Moved with `git update-ref` and the old value."""

    git: Git
    common_dir: Path
    name: str
    identity: Identity = Identity()
    _unused: set[object] = field(default_factory=set, compare=False)
    """How those files were when nobody had the branch checked out."""

    @property
    def where(self) -> str:
        return ""

    @property
    def host(self) -> str:
        return ""

    def fetch(self) -> str:
        return self.known()

    def known(self) -> str:
        return self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{self._ref}^{{commit}}").text

    def before(self) -> str:
        """The branch itself is all there is: nothing was seen that could be compared with it."""
        return ""

    def keep_before(self, tip: str) -> None:
        return

    def entries(self, tip: str, paths: Sequence[str] = ()) -> tuple[Entry, ...]:
        return entries(self.git, tip, paths) if tip else ()

    def folders(self, tip: str, path: str) -> tuple[str, ...]:
        return folders(self.git, tip, path) if tip else ()

    def contents(self, blobs: Iterable[str]) -> Mapping[str, bytes]:
        return contents(self.git, blobs)

    def committed_at(self, tip: str) -> datetime:
        return committed_at(self.git, tip)

    def build(self, draft: Draft) -> str:
        return build(self.git, draft)

    def move(self, old: str, new: str) -> bool:
        self._refuse_checked_out()
        arguments = ("update-ref", "--no-deref", self._ref, new, old or "0" * len(new))
        finished = self.git.run(*arguments)
        if finished.code == 0:
            return True
        if any(words in finished.err for words in _CONFLICTS):
            return False
        raise failure(arguments, finished)

    def rehearse(self, old: str, new: str) -> None:
        self._refuse_checked_out()

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.name}"

    def _refuse_checked_out(self) -> None:
        heads = tuple(_mark(head) for pattern in _HEADS for head in sorted(self.common_dir.glob(pattern)))
        if heads in self._unused:
            return
        listed = self.git.read("worktree", "list", "--porcelain", "-z").out.split(b"\0")
        if f"branch {self._ref}".encode() in listed:
            detail = f"run `git switch -` in that work tree: octops moves `{self.name}` and never touches your files"
            raise GitError(f"the ledger `{self.name}` is checked out", code="ledger-checked-out", detail=detail)
        self._unused.add(heads)


def _mark(file: Path) -> tuple[str, int, int]:
    """What differs once git has written the file again."""
    try:
        stat = file.lstat()
    except FileNotFoundError:
        return str(file), 0, 0
    return str(file), stat.st_ino, stat.st_mtime_ns
