"""What the tasks need besides the files: keys, models of this machine, programs. Their values are never shown."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from octops.errors import Severity
from octops.local.weights import is_local
from octops.model.ids import SourceId
from octops.model.project import Destination, ModelAlias, Project, Source
from octops.model.run import ModelError
from octops.model.task import Task
from octops.plan.closure import model_chain, reached_sources
from octops.plan.reach import secret_names
from octops.report.checkup import Check
from octops.report.words import count
from octops.rules.command import spaced_command
from octops.rules.later import Later, later_in_destination, later_in_source
from octops.run.endpoint import endpoint, key_variable


def active_tasks(project: Project) -> tuple[Task, ...]:
    return tuple(task for task in project.tasks.values() if task.active)


def check_needs(project: Project, root: Path, environment: Mapping[str, str] = os.environ) -> Iterator[Check]:
    """Of every active task; what several of them need is told once."""
    yield from _models(project, environment)
    yield from _secrets(project, environment)
    yield from _programs(project, root, environment)
    yield from _folders(project, root)
    yield from _later(project)


def _models(project: Project, environment: Mapping[str, str]) -> Iterator[Check]:
    problems: dict[str, ModelError | None] = {}
    aliases: dict[str, ModelAlias] = {}
    stuck: set[str] = set()
    for task in active_tasks(project):
        chain = model_chain(project.model_of(task), project)
        for alias in chain:
            name = f"{alias.model} {alias.api_base} {key_variable(alias)}"
            aliases[name] = alias
            if name not in problems:
                problems[name] = _problem(alias, environment)
        names = [f"{alias.model} {alias.api_base} {key_variable(alias)}" for alias in chain]
        if all(problems[name] for name in names):
            stuck.update(names)
    yield from (_model(aliases[name], problem, stuck=name in stuck) for name, problem in problems.items())


def _problem(alias: ModelAlias, environment: Mapping[str, str]) -> ModelError | None:
    """What keeps a model from being asked; nothing is sent to find out."""
    try:
        if is_local(alias.model):
            from octops.local.model import ready

            ready(alias.model, environment)
        else:
            endpoint(alias, {name: value for name, value in environment.items() if value})
    except ModelError as error:
        return error
    return None


def _model(alias: ModelAlias, problem: ModelError | None, *, stuck: bool) -> Check:
    topic = "model" if is_local(alias.model) else "key"
    if problem is not None:
        return Check(
            topic=topic,
            text=problem.failure.message + ("" if stuck else " (a fallback can be asked)"),
            code="no-model" if topic == "model" else "no-key",
            severity=Severity.ERROR if stuck else Severity.WARNING,
            cure=problem.failure.hint,
        )
    variable = key_variable(alias)
    if topic == "model":
        return Check(topic=topic, text=f"`{alias.model}` is on this machine and can be loaded")
    words = f"`{variable}` is set" if variable and os.environ.get(variable) else "no key is needed that octops knows of"
    return Check(topic=topic, text=f"{words}, for `{alias.model}`")


def _secrets(project: Project, environment: Mapping[str, str]) -> Iterator[Check]:
    """Of sources and destinations, by name."""
    users: dict[str, list[str]] = {}
    needed: set[str] = set()
    for source in sources_of(project):
        for name in secret_names(source.config):
            users.setdefault(name, []).append(f"source `{source.id}`")
            if not source.optional:
                needed.add(name)
    for destination in _destinations_of(project):
        for name in secret_names(destination.config):
            users.setdefault(name, []).append(f"destination `{destination.id}`")
            needed.add(name)
    for name, things in users.items():
        where = ", ".join(dict.fromkeys(things))
        if environment.get(name):
            yield Check(topic="key", text=f"`{name}` is set, for {where}")
        else:
            yield Check(
                topic="key",
                text=f"`{name}` is not set, and {where} {'needs' if len(set(things)) == 1 else 'need'} it",
                code="no-secret",
                severity=Severity.ERROR if name in needed else Severity.WARNING,
                cure=f"set the variable `{name}` where `octops apply` runs: in CI as a secret",
            )


def sources_of(project: Project) -> tuple[Source, ...]:
    """Those that runs of active tasks open."""
    ids: Iterable[SourceId] = (id_ for task in active_tasks(project) for id_ in reached_sources(task))
    return tuple(project.sources[id_] for id_ in dict.fromkeys(ids))


def _destinations_of(project: Project) -> tuple[Destination, ...]:
    used = dict.fromkeys(id_ for task in active_tasks(project) for id_ in task.destinations)
    return tuple(project.destinations[id_] for id_ in used)


def _programs(project: Project, root: Path, environment: Mapping[str, str]) -> Iterator[Check]:
    for source in sources_of(project):
        program = source.config.get("command")
        if not isinstance(program, str):
            continue
        spaced = spaced_command(program)
        path = shutil.which(str(root / program) if "/" in program else program, path=environment.get("PATH", ""))
        if path:
            yield Check(topic="command", text=f"`{program}` is on the PATH, for source `{source.id}`")
        else:
            yield Check(
                topic="command",
                text=f"`{program}` was not found, and source `{source.id}` starts it",
                code="no-command",
                severity=Severity.WARNING if source.optional else Severity.ERROR,
                cure=f"{spaced.cure if spaced else 'install it'}, or pause {_tasks_with(source.id, project)}",
            )


def _folders(project: Project, root: Path) -> Iterator[Check]:
    """Of sources that read the repository's files: something else may still make them."""
    for source in sources_of(project):
        folder = source.config.get("path")
        if source.type == "local" and isinstance(folder, str) and not (root / folder).is_dir():
            yield Check(
                topic="files",
                text=f"there is no folder `{folder}`, and source `{source.id}` reads it",
                code="no-folder",
                severity=Severity.WARNING,
                cure=f"create it, or correct `path` in {source.path}",
            )


def _later(project: Project) -> Iterator[Check]:
    """What files may declare and this version cannot do."""
    for source in sources_of(project):
        for later in later_in_source(source):
            yield _not_available(later, source, severity=Severity.WARNING if source.optional else Severity.ERROR)
    for destination in _destinations_of(project):
        if missing := later_in_destination(destination.type):
            yield _not_available(missing, destination, severity=Severity.ERROR)


def _not_available(later: Later, thing: Source | Destination, severity: Severity) -> Check:
    return Check(
        topic="files",
        text=f"{later}, and `{thing.id}` needs it",
        code="not-available",
        severity=severity,
        cure=f"declare another one in {thing.path}, or pause the tasks that use it",
    )


def _tasks_with(source: SourceId, project: Project) -> str:
    names = [f"`{task.id}`" for task in active_tasks(project) if source in reached_sources(task)]
    return ", ".join(names) if len(names) <= 3 else count(len(names), "task")
