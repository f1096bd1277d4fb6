"""The repository around a project, read without changing it: revisions, files, history."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from octops.declare.file import Files, SourceFile
from octops.errors import GitError
from octops.repository.activations import Reader, Stretch, activations
from octops.repository.discovery import Place, find
from octops.repository.export import export
from octops.repository.git import Git
from octops.repository.objects import entries
from octops.repository.project_files import differs, list_files, read_files

if TYPE_CHECKING:
    from octops.repository.branch import Branch

_STEPS = re.compile(r"[\^~:]|@\{")
"""Where in a revision the name ends and the steps from it begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A git repository and the project inside it.

    `prefix` is the path of the project's directory below the top of the work tree, empty at the top. In a bare
    repository there are no files on disk: the project is read from a revision.
    """

    git: Git
    place: Place
    prefix: str = ""
    _blobs: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(cls, directory: Path, *, environ: Mapping[str, str] | None = None) -> Repository | None:
        """The repository a directory belongs to, or None outside git. Starts no process."""
        place = find(directory)
        if place is None:
            return None
        variables = dict(os.environ if environ is None else environ)
        git = Git(git_dir=place.git_dir, work_tree=place.top, environ=variables)
        within = directory.resolve().relative_to(place.top).as_posix() if place.top else ""
        bare = place.top is None or place.git_dir == directory.resolve()
        return cls(git=git, place=place, prefix="" if bare or within == "." else within)

    @property
    def top(self) -> Path | None:
        """The top of the work tree, or None in a bare repository."""
        return self.place.top

    @property
    def bare(self) -> bool:
        return self.place.top is None

    @property
    def shallow_boundary(self) -> frozenset[str]:
        """The commits whose parents this clone does not hold."""
        file = self.place.common_dir / "shallow"
        return frozenset(file.read_text().split()) if file.is_file() else frozenset()

    def head(self) -> str:
        """The commit that is checked out, or an empty text before the first one."""
        return self._known("HEAD")

    def revision(self, ref: str) -> str:
        """The commit a branch, tag or revision names. Raises GitError `unknown-revision`."""
        found = self._known(ref)
        if not found:
            raise self._unknown(ref)
        return found

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit two revisions grew from, or None when this clone knows none."""
        finished = self.git.run("merge-base", "--end-of-options", one, other)
        return finished.lines[0] if finished.code == 0 and finished.lines else None

    def blobs(self, revision: str) -> Mapping[str, str]:
        """Path → blob id of the project's files at a revision; paths relative to the project's directory."""
        if not revision:
            return {}
        if revision not in self._blobs:
            listing = list_files(self.git, revision, self.prefix)
            self._blobs[revision] = {entry.path: entry.blob for entry in listing.entries}
        return self._blobs[revision]

    def files(self, revision: str, *, known: Mapping[str, bytes] | None = None) -> Files:
        """The project's files as a revision holds them, under the rules that hold for files on disk.

        `known` are contents by blob id that need not be read again.
        """
        return read_files(self.git, revision, self.prefix, known or {})

    def changed(self, one: str, other: str, paths: Sequence[str]) -> tuple[str, ...]:
        """The files at or below `paths` (from the top of the repository) that differ between two commits, sorted."""
        before, after = (set(entries(self.git, revision, paths)) for revision in (one, other))
        return tuple(sorted({entry.path for entry in before ^ after}))

    def export(self, revision: str, folder: Path) -> None:
        """Write all files of a revision below an empty folder, the project's directory at its top."""
        export(self.git, f"{revision}:{self.prefix}", folder)

    def dirty(self, files: Iterable[SourceFile], revision: str = "HEAD") -> bool:
        """Whether the files read from disk differ from a revision. The index and git's filters play no part."""
        return differs(files, self.blobs(revision))

    def activations(
        self, wanted: Mapping[str, SourceFile], read: Reader, *, revision: str = "HEAD", settings: str = "octops.yaml"
    ) -> Mapping[str, datetime]:
        """Task path → committer time of the first-parent commit that last changed what `read` sees in it.

        `wanted` holds the files as planned (octops.yaml too, whose time zone tasks inherit). Missing in the result:
        new or changed files, and those whose last change a shallow or partial clone does not hold.
        """
        stretch = Stretch(revision=revision, prefix=self.prefix, settings=settings, boundary=self.shallow_boundary)
        return activations(self.git, wanted, read, stretch, self.blobs(revision))

    def branch(self, name: str, *, push: bool = True, top_only: bool = False) -> Branch:
        """A branch to read and to move by compare-and-swap.

        It lies on the upstream remote of the branch that is checked out, else on `origin`; without a remote, or with
        `push` off, in this repository. With `top_only` no more of a remote branch is fetched than its root and the
        folders in it: enough to read the ledger's heads and claims, not to write or to list records.
        """
        from octops.repository.local_branch import LocalBranch
        from octops.repository.remote import Configuration
        from octops.repository.remote_branch import RemoteBranch
        from octops.repository.store import Store

        configuration = Configuration.read(self.git)
        if self.git.run("check-ref-format", "--branch", name).text != name:
            raise GitError(
                f"`{name}` is not a branch name", code="bad-branch", detail="write a name like `octops/runs`"
            )
        identity = configuration.identity(self.git.environ.items())
        remote = configuration.remote(self.branch_checked_out()) if push else None
        if remote is None:
            return LocalBranch(git=self.git, common_dir=self.place.common_dir, name=name, identity=identity)
        sha256 = configuration.last("extensions.objectformat") == "sha256"
        store = Store.open(self.git, self.place.common_dir, remote, name, sha256=sha256, top_only=top_only)
        return RemoteBranch(store=store, name=name, identity=identity)

    def branch_checked_out(self) -> str:
        """Its name; of a detached HEAD the commit."""
        head = self.place.git_dir / "HEAD"
        return head.read_text(errors="replace").strip().removeprefix("ref: refs/heads/") if head.is_file() else ""

    def _known(self, ref: str) -> str:
        finished = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        return finished.text if finished.code == 0 else ""

    def default_branch(self) -> str:
        """What `origin` calls its default branch, as this clone was told; empty when it was not."""
        found = self.git.run("symbolic-ref", "--short", "--quiet", "refs/remotes/origin/HEAD")
        return found.text.removeprefix("origin/") if found.code == 0 else ""

    def _unknown(self, ref: str) -> GitError:
        return GitError(f"there is no revision `{ref}`", code="unknown-revision", detail=self._cure(ref))

    def _cure(self, ref: str) -> str:
        from difflib import get_close_matches

        start = _STEPS.split(ref)[0]
        shallow = "this clone is shallow; " if self.shallow_boundary else ""
        if shallow and start != ref and ":" not in ref and self._known(start):
            # Only names can be fetched; a step back from one needs more of the history.
            deeper = "`git fetch --deepen=1`, or in a workflow `fetch-depth: 2`"
            return f"{shallow}fetch one commit more: {deeper}; more where it lies further back"
        close = get_close_matches(start, self.git.run("for-each-ref", "--format=%(refname:short)").lines, 1, 0.6)
        if close and close[0] != start:
            return f"did you mean `{close[0]}{ref.removeprefix(start)}`?"
        if start and ":" not in ref and (shallow or ref.startswith("origin/")):
            whole = ", or clone with the whole history" if shallow else ""
            return f"{shallow}fetch it first: `git fetch origin {start.removeprefix('origin/')}`{whole}"
        return "name a branch, a tag or a commit of this repository"
