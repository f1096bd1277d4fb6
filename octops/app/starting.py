"""The first files of a project: what `octops init` does."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from octops.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What `init` did: paths relative to the directory, sorted."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    added_to: tuple[str, ...] = ()
    """Files that were there and got one more line."""
    in_git: bool = True


def check_timezone(timezone: str) -> str:
    """The name as it is; UsageError, with the nearest one there is, for what is no IANA time zone."""
    from octops.schedule.zone import is_zone, zone_names
    from octops.template import closest

    if not is_zone(timezone):
        near = closest(timezone, zone_names())
        raise UsageError(
            f"`{timezone}` is not an IANA time zone",
            code="unknown-timezone",
            detail=f"did you mean `{near}`?" if near else "write a name such as `Europe/Berlin` or `UTC`",
        )
    return timezone


def check_model(model: str) -> str:
    """The id as it is; UsageError for what cannot be one."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,199}", model):
        raise UsageError(
            f"`{model}` is not a model id", detail="write a litellm id such as `anthropic/claude-sonnet-4-5`"
        )
    return model


def init_project(
    directory: Path, *, timezone: str, model: str, task: str = "weekly-digest", git: bool = False
) -> Started:
    """Write the starter files that are not there yet, with `git` into a new repository where there is none.

    UsageError, before anything is written, for a wrong answer.
    """
    from octops.repository.discovery import find
    from octops.starter import starter_files

    files = starter_files(timezone=check_timezone(timezone), model=check_model(model), task=task)
    if git and find(directory) is None:
        from octops.repository.scratch import make_repository

        make_repository(directory)
    kept = sorted(path for path in files if os.path.lexists(directory / path))
    written = sorted(set(files) - set(kept))
    for path in written:
        create(directory / path, files[path])
    place = find(directory)
    ignored = _ignore(directory) if place is not None else ""
    return Started(
        written=tuple(sorted([*written, *([".gitignore"] if ignored == "created" else [])])),
        kept=tuple(kept),
        added_to=(".gitignore",) if ignored == "added" else (),
        in_git=place is not None,
    )


def create(path: Path, text: str) -> None:
    """Write a new file; UsageError, and no change, where it cannot be or there is one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # `x`: a file that appeared in the meantime stays as it is.
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}", code="cannot-write") from error


def _ignore(directory: Path) -> str:
    """Keep saved plans out of git. `created`, `added`, or empty where the line is there, or the file is a link."""
    from octops.starter import SAVED_PLAN

    path = directory / ".gitignore"
    if not os.path.lexists(path):
        create(path, f"{SAVED_PLAN}\n")
        return "created"
    if path.is_symlink() or not path.is_file():
        return ""
    try:
        content = path.read_bytes()
        if SAVED_PLAN.encode() in (line.strip().lstrip(b"/") for line in content.splitlines()):
            return ""
        with path.open("ab") as file:
            file.write((b"" if not content or content.endswith(b"\n") else b"\n") + f"{SAVED_PLAN}\n".encode())
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}", code="cannot-write") from error
    return "added"
