"""Whether a project is valid: for files that have not changed, the whole answer is remembered."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from octops.app.workspace import Loaded, Workspace, load_files, load_project
from octops.errors import Diagnostic, InvalidProject

if TYPE_CHECKING:
    from octops.declare.file import Files
    from octops.model.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Everything worth saying, and what there is: `4 tasks, 2 skills …`, empty when it is not valid."""

    diagnostics: tuple[Diagnostic, ...] = ()
    inventory: str = ""


def check_project(workspace: Workspace, *, ref: str | None = None) -> Checked:
    """Check the work tree, or a commit. UsageError when there is no project here."""
    if ref is not None or (workspace.repository is not None and workspace.repository.bare):
        return _checked(lambda: load_project(workspace, ref=ref, compared=False))
    from octops.declare.cache import Cache
    from octops.declare.load import cache_salt
    from octops.declare.worktree import read_worktree

    files = read_worktree(workspace.root)
    # Only a project without a single remark is remembered: there is nothing in the cache to hide or to show.
    verdicts = Cache.open(workspace.root, cache_salt(), name="verdict")
    key = _digest(files)
    if not files.diagnostics and isinstance(known := verdicts.get(key, "project"), str):
        return Checked(inventory=known)
    checked = _checked(lambda: load_files(workspace, files))
    if not checked.diagnostics:
        verdicts.put(key, "project", checked.inventory)
        verdicts.save()
    return checked


def _checked(load: Callable[[], Loaded]) -> Checked:
    try:
        loaded = load()
    except InvalidProject as error:
        return Checked(diagnostics=error.diagnostics)
    return Checked(diagnostics=loaded.diagnostics, inventory=_inventory(loaded.project))


def _digest(files: Files) -> str:
    """Changes with every file's name and content, and with the time zones there are."""
    from octops.schedule.zone import tzdata_version

    lines = [f"{file.blob} {file.path}" for file in files.files]
    return hashlib.sha256("\n".join([tzdata_version(), *lines]).encode(errors="surrogatepass")).hexdigest()


def _inventory(project: Project) -> str:
    """`4 tasks, 2 skills, 1 source, 3 destinations`."""
    kinds = {
        "task": len(project.tasks),
        "skill": len(project.skills),
        "source": len(project.sources),
        "destination": len(project.destinations),
    }
    return ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in kinds.items())


def only_about(
    workspace: Workspace, diagnostics: Sequence[Diagnostic], paths: Sequence[Path]
) -> tuple[Diagnostic, ...]:
    """The diagnostics of these files; one more for each file that is not part of the project."""
    names = {_name_in(workspace, path): path for path in paths}
    lost = [_not_ours(path) for name, path in names.items() if name is None]
    return (*lost, *(it for it in diagnostics if it.location and it.location.filename in names))


def _name_in(workspace: Workspace, path: Path) -> str | None:
    absolute = path if path.is_absolute() else Path.cwd() / path
    plain = Path(os.path.normpath(absolute))
    if not plain.is_relative_to(workspace.root) or not os.path.lexists(plain):
        return None
    name = plain.relative_to(workspace.root).as_posix()
    return name if re.match(r"octops\.yaml$|(tasks|skills|sources|destinations)/", name) else None


def _not_ours(path: Path) -> Diagnostic:
    there = os.path.lexists(path)
    return Diagnostic(
        code="not-in-project" if there else "no-such-file",
        summary=f"`{path}` is not a file of this project" if there else f"there is no file `{path}`",
        detail="octops reads octops.yaml and the files under tasks/, skills/, sources/ and destinations/",
    )
