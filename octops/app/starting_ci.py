"""The workflows of a project: what `octops init --ci` writes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from octops import __version__
from octops.app.starting import Started
from octops.app.workspace import Workspace, load_project, needed_repository
from octops.app.writing import write_new
from octops.ci.templates import PLACE, Facts, taken, workflows
from octops.declare.file import Files, text_of
from octops.errors import Diagnostic, InvalidProject, Location, OctopsError, Severity, UsageError
from octops.model.project import Project

if TYPE_CHECKING:
    from octops.repository.checkout import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """Workflows that nobody has written yet, and what has to be filled in."""

    files: Mapping[str, str]
    """Path from the top of the repository → text."""
    diagnostics: tuple[Diagnostic, ...] = ()


def draft_ci(workspace: Workspace, system: str) -> Drafted:
    """Runs nothing but git, and connects to nothing."""
    repository = needed_repository(workspace, "--ci")
    project, files = _project(workspace)
    keys = _keys(project)
    refused = [_refusal(name, owner, files) for name in keys if (owner := taken(system, name))]
    if refused:
        raise OctopsError(*refused)
    facts = Facts(
        version=__version__,
        folder=repository.prefix,
        branch=_default_branch(repository),
        records=project.settings.records.branch,
        repository=_address(repository),
        keys=keys,
    )
    # The other two clone what they stand in.
    missing = system == "kubernetes" and not facts.clone_from
    return Drafted(files=workflows(system, facts), diagnostics=(_no_address(facts.repository),) if missing else ())


def init_ci(workspace: Workspace, system: str) -> Started:
    """Write the workflows that are not there yet; what is there stays as it is."""
    files = draft_ci(workspace, system).files
    top = needed_repository(workspace, "--ci").top
    if top is None:
        raise UsageError("a bare repository has no place for workflows", detail="call this in a clone of it")
    kept = sorted(path for path in files if os.path.lexists(top / path))
    written = sorted(set(files) - set(kept))
    write_new(top, {path: files[path] for path in written})
    return Started(written=tuple(written), kept=tuple(kept))


def _project(workspace: Workspace) -> tuple[Project, Files]:
    try:
        loaded = load_project(workspace, compared=False)
        return loaded.project, loaded.files
    except (InvalidProject, UsageError):
        # The workflows can come before the tasks.
        return Project(tasks={}), Files(())


def _keys(project: Project) -> tuple[str, ...]:
    """The names of the secrets that runs resolve, as the plan lists them."""
    from octops.plan.effects import EffectsOf

    effects = EffectsOf(project)
    names = {use.name for task in project.tasks.values() for use in effects.of(task, task.limits).secrets}
    return tuple(sorted(names))


def _refusal(name: str, owner: str, files: Files) -> Diagnostic:
    place, line = _place(name, files)
    return Diagnostic(
        code="taken-name",
        summary=f"no secret can be called `{name}` in these jobs: {owner} keeps that name for itself",
        detail=f"rename it where `{{env: {name}}}` stands, for example `{{env: TEAM_{name}}}`",
        location=place,
        snippet=line,
    )


def _place(name: str, files: Files) -> tuple[Location | None, str]:
    """Where a file first names the variable, and that line."""
    for file in files.files:
        for number, line in enumerate(text_of(file).splitlines(), start=1):
            found = re.search(rf"""\benv["']?:\s*["']?({re.escape(name)})\b""", line)
            if found:
                start, end = found.start(1) + 1, found.end(1) + 1
                return Location(filename=file.path, line=number, column=start, end_line=number, end_column=end), line
    return None, ""


def _no_address(remote: str) -> Diagnostic:
    known = f"the https address of `{remote}` is not known" if remote else "this repository has no remote"
    return Diagnostic(
        severity=Severity.WARNING,
        code="no-address",
        summary=f"{known}, and the pods clone over https",
        detail=f"write the address to clone from in the place of `{PLACE}`",
    )


def _default_branch(repository: Repository) -> str:
    """What the remote calls its default branch, else the one that is checked out."""
    if default := repository.default_branch():
        return default
    found = repository.git.run("symbolic-ref", "--short", "--quiet", "HEAD")
    return found.text if found.code == 0 and found.text else "main"


def _address(repository: Repository) -> str:
    """Where the repository is cloned from, without a user name or password."""
    from octops.repository.remote import Configuration

    remote = Configuration.read(repository.git).remote("")
    if remote is None:
        return ""
    # `git` is everybody's name there, and tells that it is a host of repositories.
    return remote.url if remote.url.startswith("ssh://git@") else remote.shown.replace("***@", "")
