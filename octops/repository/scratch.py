"""A repository of our own making: `octops init --git`, and what `octops demo` plays in, with its remote beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from octops.errors import GitError
from octops.repository.commits import Draft, build
from octops.repository.create import create
from octops.repository.git import Git

BRANCH = "main"


def git_version() -> str:
    """`2.39.5`, or what git says instead. Raises GitError when there is no git."""
    words = Git(git_dir=Path("/"), directory=Path("/")).read("version").text.split()
    return words[2] if len(words) > 2 else " ".join(words)


def make_repository(directory: Path) -> None:
    """Make a directory a git repository. Raises GitError, also when there is no git."""
    git_version()  # GitPython cannot even be imported without git.
    create(directory, branch=BRANCH)


def make_remote(directory: Path) -> None:
    """Make a directory that exists an empty bare repository."""
    git = Git(git_dir=directory, directory=directory)
    git.read("init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}")


def publish(directory: Path, remote: Path, drafts: Iterable[Draft]) -> str:
    """The first commits of a new repository, each on the one before, checked out and pushed to `remote` as `origin`.

    The id of the last one.
    """
    git = Git(git_dir=directory / ".git", work_tree=directory)
    tip = ""
    for draft in drafts:
        tip = build(git, replace(draft, parent=tip))
    git.read("update-ref", f"refs/heads/{BRANCH}", tip)
    git.read("reset", "--quiet", "--hard")
    git.read("remote", "add", "origin", str(remote))
    finished = git.online.run("push", "--quiet", "--no-verify", "--set-upstream", "origin", BRANCH)
    if finished.code != 0:
        raise GitError(f"`{remote}` did not take the first push", detail=finished.err)
    return tip
