"""New repositories, and clones of others, for `octops init` and `octops demo`."""

from __future__ import annotations

from pathlib import Path

from octops.errors import GitError


def create(directory: Path, *, branch: str = "main") -> None:
    """Make a directory a git repository; one that already is stays as it is."""
    from git import Repo
    from git.exc import GitCommandError, InvalidGitRepositoryError

    try:
        Repo.init(directory, mkdir=True, initial_branch=branch).close()
    except (GitCommandError, InvalidGitRepositoryError, OSError) as error:
        raise GitError(f"`{directory}` cannot become a git repository", detail=_last_line(error)) from error


def clone(url: str, directory: Path) -> None:
    """Clone a repository into a directory that does not exist yet, or is empty."""
    from git import Repo
    from git.exc import GitCommandError, UnsafeProtocolError

    if url.startswith("-"):
        raise GitError(
            f"`{url}` is not an address", code="bad-address", detail="give a URL or the path of a repository"
        )
    try:
        Repo.clone_from(url, directory, env={"GIT_TERMINAL_PROMPT": "0"}).close()
    except UnsafeProtocolError as error:
        detail = "use https, ssh, or the path of a repository"
        raise GitError("that kind of address would run a program", code="bad-address", detail=detail) from error
    except GitCommandError as error:
        raise GitError(
            "the repository could not be cloned", code="remote-unreachable", detail=_last_line(error)
        ) from error


def _last_line(error: Exception) -> str:
    from octops.repository.remote import without_password

    lines = [line.strip(" '") for line in str(getattr(error, "stderr", "") or error).splitlines() if line.strip()]
    return without_password(lines[-1]) if lines else ""
