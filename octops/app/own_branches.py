"""Destinations that write to a branch the project's own files come from: there an answer could become a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from octops.app.whereabouts import read_event, whereabouts
from octops.app.workspace import Loaded
from octops.errors import Diagnostic

if TYPE_CHECKING:
    from octops.declare.located import Pointer, Problem
    from octops.model.project import Project
    from octops.repository.checkout import Repository


def writes_to_own_branch(repository: Repository, loaded: Loaded, *, base: str = "") -> tuple[Diagnostic, ...]:
    """A warning per destination of a task; `base` is the revision compared with, often a branch's name."""
    named = dict(_named(loaded.project))
    if not named:
        return ()
    own = _own_branches(repository, base)
    written = {place: branch for place, branch in named.items() if branch in own}
    return tuple(_warnings(loaded, written)) if written else ()


def _named(project: Project) -> Iterator[tuple[tuple[str, Pointer], str]]:
    """The place of every branch that a destination names, and its name; the ledger's is no branch of files."""
    for task in project.tasks.values():
        for position, id_ in enumerate(task.destinations):
            destination = project.destinations[id_]
            branch = destination.config.get("branch")
            if destination.type == "file" and isinstance(branch, str) and branch != project.settings.records.branch:
                inline = ("destinations", position) if destination.path == task.path else ()
                yield (destination.path, (*inline, "branch")), branch


def _own_branches(repository: Repository, base: str) -> frozenset[str]:
    """The branch that is checked out, the default branch as the remote or the CI names it, and the base."""
    environ = repository.git.environ
    place = whereabouts(environ, read_event(environ))
    return frozenset(
        {
            repository.branch_checked_out(),
            repository.default_branch(),
            place.default_branch if place else "",
            base,
            base.partition("/")[2],
        }
    )


def _warnings(loaded: Loaded, written: Mapping[tuple[str, Pointer], str]) -> Iterator[Diagnostic]:
    from octops.declare.file import text_of
    from octops.declare.located import locate

    for file in loaded.files.files:
        problems = [_problem(branch, place) for (path, place), branch in written.items() if path == file.path]
        if problems:
            yield from locate(file.path, text_of(file), problems)


def _problem(branch: str, place: Pointer) -> Problem:
    from octops.declare.located import At, Problem
    from octops.errors import Severity

    return Problem(
        severity=Severity.WARNING,
        code="writes-own-branch",
        summary=f"answers are written to `{branch}`, a branch this project's own files come from: "
        "they could change tasks without a review",
        detail="name a branch of its own, such as `reports`, or leave `branch` out for the ledger's",
        place=At(path=place),
    )
