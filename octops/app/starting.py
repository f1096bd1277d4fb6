"""The first files of a project: what `octops init` does."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from octops.app.writing import write_new
from octops.errors import Severity, UsageError

_IGNORED: Final = ".gitignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What `init` did: paths relative to the directory, sorted."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    added_to: tuple[str, ...] = ()
    """Files that were there and got one more line."""
    in_git: bool = True
    invalid: tuple[str, ...] = ()
    """Files that were kept, with mistakes in them."""


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

    UsageError for a wrong answer and where something cannot be written, and then nothing is.
    """
    from octops.repository.discovery import find
    from octops.starter import SAVED_PLAN, starter_files

    files = starter_files(timezone=check_timezone(timezone), model=check_model(model), task=task)
    _require_outside_git(directory)
    with _repository(directory) if git and find(directory) is None else nullcontext():
        in_git = find(directory) is not None
        ignores = in_git and not os.path.lexists(directory / _IGNORED)
        kept = tuple(sorted(path for path in files if os.path.lexists(directory / path)))
        new = {path: text for path, text in sorted(files.items()) if path not in kept}
        write_new(directory, {**new, **({_IGNORED: f"{SAVED_PLAN}\n"} if ignores else {})})
        added = in_git and not ignores and _ignore(directory / _IGNORED)
    written = tuple(sorted([*new, *([_IGNORED] if ignores else [])]))
    return Started(
        written=written,
        kept=kept,
        added_to=(_IGNORED,) if added else (),
        in_git=in_git,
        invalid=_invalid(directory, kept),
    )


def _require_outside_git(directory: Path) -> None:
    from octops.repository.discovery import find

    place = find(directory)
    if place is not None and directory.resolve().is_relative_to(place.git_dir):
        raise UsageError(
            f"`{directory}` belongs to git itself: no project can be there",
            code="inside-git",
            detail="change to the folder with your files (`octops -C DIR init`)",
        )


def _invalid(directory: Path, kept: Collection[str]) -> tuple[str, ...]:
    from octops.declare.load import check_files
    from octops.declare.worktree import read_worktree

    if not kept:
        return ()
    found = check_files(read_worktree(directory), set(kept))
    wrong = {it.location.filename for it in found if it.severity is Severity.ERROR and it.location is not None}
    return tuple(path for path in kept if path in wrong)


@contextmanager
def _repository(directory: Path) -> Iterator[None]:
    """A new one, gone again when something is raised."""
    from octops.repository.scratch import make_repository

    try:
        make_repository(directory)
        yield
    except BaseException:
        shutil.rmtree(directory / ".git", ignore_errors=True)
        raise


def _ignore(path: Path) -> bool:
    """Add saved plans to a .gitignore that is there; False where the line is there, or the file is a link."""
    from octops.starter import SAVED_PLAN

    if path.is_symlink() or not path.is_file():
        return False
    try:
        content = path.read_bytes()
        if SAVED_PLAN.encode() in (line.strip().lstrip(b"/") for line in content.splitlines()):
            return False
        with path.open("ab") as file:
            file.write((b"" if not content or content.endswith(b"\n") else b"\n") + f"{SAVED_PLAN}\n".encode())
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}", code="cannot-write") from error
    return True
