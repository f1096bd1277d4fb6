"""Where octops works, and the project that is read there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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


def load_project(workspace: Workspace, *, ref: str | None = None, compared: bool = True) -> Loaded:
    """The files of the work tree (or of the commit `ref`) as a project.

    Without `compared` git is not asked which commit the work tree stands on, and how it differs.
    Raises InvalidProject with everything that is wrong, UsageError when there is no project here.
    """
    if ref is not None:
        repository = needed_repository(workspace, "--ref")
        return _load_revision(repository, repository.revision(ref))
    if workspace.repository is not None and workspace.repository.bare:
        return _load_revision(workspace.repository, workspace.repository.revision("HEAD"))
    return _load_worktree(workspace, workspace.repository if compared else None)


def _load_revision(repository: Repository, revision: str) -> Loaded:
    from octops.declare.load import declare

    files = repository.files(revision)
    declared = declare(files, revision=revision)
    return Loaded(project=declared.project, diagnostics=declared.diagnostics, files=files)


def _load_worktree(workspace: Workspace, repository: Repository | None) -> Loaded:
    from octops.declare.worktree import read_worktree

    return load_files(workspace, read_worktree(workspace.root), repository)


def load_files(workspace: Workspace, files: Files, repository: Repository | None = None) -> Loaded:
    """Files read from the work tree as a project; `repository` says which revision they stand on."""
    from octops.declare.cache import Cache
    from octops.declare.load import cache_salt, declare

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
    """The tasks of these ids, all of them without any."""
    refuse_unknown(ids, project.tasks)
    return tuple(project.tasks[TaskId(word)] for word in ids) if ids else tuple(project.tasks.values())


def refuse_unknown(ids: Sequence[str], known: Collection[str]) -> None:
    """Raises OctopsError that names every id that is none of the known ones."""
    from octops.template import closest

    unknown = [word for word in ids if word not in known]
    if unknown:
        raise OctopsError(*(_unknown_task(word, closest(word, known)) for word in unknown))


def _unknown_task(word: str, near: str | None) -> Diagnostic:
    hint = f"did you mean `{near}`?" if near else "`octops slots` lists the tasks there are"
    return Diagnostic(code="unknown-task", summary=f"there is no task `{word}`", detail=hint)
