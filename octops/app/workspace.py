"""Where octops works, and the project that is read there."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from octops.errors import Diagnostic, OctopsError, UsageError
from octops.model.ids import TaskId
from octops.model.project import Project
from octops.model.task import Task
from octops.repository.checkout import Repository

if TYPE_CHECKING:
    from octops.declare.file import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Where octops works: the project's root and the git repository around it, if there is one."""

    root: Path
    repository: Repository | None


def open_workspace(directory: Path) -> Workspace:
    """The project `directory` belongs to: the nearest folder upwards with an octops.yaml, else the directory itself."""
    from octops.repository.checkout import Repository

    root = _root_of(directory.resolve())
    return Workspace(root=root, repository=Repository.open(root))


def _root_of(directory: Path) -> Path:
    for folder in (directory, *directory.parents):
        if (folder / "octops.yaml").exists():
            return folder
        if (folder / ".git").exists():
            break
    return directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A project, what was worth saying about it, and the files it was read from."""

    project: Project
    diagnostics: tuple[Diagnostic, ...]
    files: Files


def load_project(workspace: Workspace, *, ref: str | None = None) -> Loaded:
    """The files of the work tree (or of the commit `ref`) as a project.

    Raises InvalidProject with everything that is wrong, UsageError when there is no project here.
    """
    if ref is not None:
        repository = needed_repository(workspace, "--ref")
        return _load_revision(repository, repository.revision(ref))
    if workspace.repository is not None and workspace.repository.bare:
        return _load_revision(workspace.repository, workspace.repository.revision("HEAD"))
    return _load_worktree(workspace)


def _load_revision(repository: Repository, revision: str) -> Loaded:
    from octops.declare.load import declare

    files = repository.files(revision)
    declared = declare(files, revision=revision)
    return Loaded(project=declared.project, diagnostics=declared.diagnostics, files=files)


def _load_worktree(workspace: Workspace) -> Loaded:
    from octops.declare.cache import Cache
    from octops.declare.load import cache_salt, declare
    from octops.declare.worktree import read_worktree

    files = read_worktree(workspace.root)
    repository = workspace.repository
    revision = repository.head() if repository else ""
    dirty = repository.dirty(files.files, revision) if repository and revision else repository is not None
    cache = Cache.open(workspace.root, cache_salt())
    try:
        declared = declare(files, revision=revision, dirty=dirty, cache=cache)
    finally:
        # Also after a mistake: the good files need not be read again next time.
        cache.save()
    return Loaded(project=declared.project, diagnostics=declared.diagnostics, files=files)


def needed_repository(workspace: Workspace, purpose: str) -> Repository:
    if workspace.repository is None:
        raise UsageError(
            f"`{purpose}` needs a git repository, and `{workspace.root}` is not in one",
            code="no-repository",
            detail="run `git init` and commit the project's files",
        )
    return workspace.repository


def chosen_tasks(project: Project, ids: Sequence[str]) -> tuple[Task, ...]:
    """The tasks of these ids, all of them without any; UsageError names every unknown one."""
    from octops.template import closest

    unknown = [word for word in ids if word not in project.tasks]
    if unknown:
        raise OctopsError(*(_unknown_task(word, closest(word, project.tasks)) for word in unknown))
    return tuple(project.tasks[TaskId(word)] for word in ids) if ids else tuple(project.tasks.values())


def _unknown_task(word: str, near: str | None) -> Diagnostic:
    hint = f"did you mean `{near}`?" if near else "`octops slots` lists the tasks there are"
    return Diagnostic(code="unknown-task", summary=f"there is no task `{word}`", detail=hint)


def inventory(project: Project) -> str:
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
