"""Which repository a directory belongs to, found without asking git: looking must not run anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a repository lies. `top` is None in a bare repository; `common_dir` is shared by all work trees."""

    git_dir: Path
    common_dir: Path
    top: Path | None


def find(directory: Path) -> Place | None:
    """The repository around a directory, or None.

    A bare repository counts only when it was named itself and no work tree surrounds it: a folder that looks like
    one can come with any pull request, and its configuration would run commands.
    """
    directory = directory.resolve()
    for parent in (directory, *directory.parents):
        git_dir = _git_dir(parent / ".git")
        if git_dir is not None:
            return Place(git_dir=git_dir, common_dir=_common_dir(git_dir), top=parent)
    if _looks_like_git(directory):
        top = directory.parent if directory.name == ".git" else None
        return Place(git_dir=directory, common_dir=_common_dir(directory), top=top)
    return None


def _git_dir(candidate: Path) -> Path | None:
    if candidate.is_dir():
        return candidate.resolve() if _looks_like_git(candidate) else None
    if not candidate.is_file():
        return None
    word, _, target = candidate.read_text(errors="replace").partition(":")
    git_dir = (candidate.parent / target.strip()).resolve()
    return git_dir if word == "gitdir" and _looks_like_git(git_dir) else None


def _looks_like_git(directory: Path) -> bool:
    # HEAD may be a symbolic link to a branch that has no commit yet.
    head = directory / "HEAD"
    if not (head.is_file() or head.is_symlink()):
        return False
    common = _common_dir(directory)
    return (common / "objects").is_dir() and (common / "refs").is_dir()


def _common_dir(git_dir: Path) -> Path:
    pointer = git_dir / "commondir"
    return (git_dir / pointer.read_text().strip()).resolve() if pointer.is_file() else git_dir
