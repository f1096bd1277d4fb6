"""Files → Project, or every mistake in them at once: changes with the kinds of files and what a project is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from octops.declare.budgets import budget_problems
from octops.declare.checks import settings_problems, task_problems
from octops.declare.destination import destination_of
from octops.declare.feasible import destination_problems, source_problems
from octops.declare.file import Files, SourceFile, UnreadableText, text_of
from octops.declare.findings import Findings
from octops.declare.known import DeclaredTask, Known
from octops.declare.layout import PROJECT_FILE
from octops.declare.naming import Name, name_of, name_problems, suggested_id
from octops.declare.reading import EVERYTHING, Reading, read
from octops.declare.references import skill_reference_problems
from octops.declare.settings import defaults_of, settings_of
from octops.declare.skill import skill_of, skill_problems
from octops.declare.source import source_of
from octops.declare.task import Defaults, inline_destinations, task_of
from octops.errors import Diagnostic, InvalidProject, Severity, UsageError
from octops.model.ids import ID, DestinationId, SkillId, SourceId
from octops.model.project import Destination, Project, Settings, Skill, Source
from octops.schemas import schema_text

_ALL_SETTINGS = frozenset(("timezone", "variables", "models", "defaults", "network", "records", "budget"))
_Id = TypeVar("_Id", bound=str)
_Noun = TypeVar("_Noun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A project without errors, and the warnings and notes about it, sorted."""

    project: Project
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Nouns:
    """What has been read so far."""

    settings: Settings = Settings()
    defaults: Defaults = Defaults()
    unsure: frozenset[str] = frozenset()
    tasks: list[DeclaredTask] = field(default_factory=list)
    skills: dict[SkillId, Skill] = field(default_factory=dict)
    sources: dict[SourceId, Source] = field(default_factory=dict)
    destinations: dict[DestinationId, Destination] = field(default_factory=dict)
    inline: dict[DestinationId, Destination] = field(default_factory=dict)


def _keep_settings(values: Mapping[str, Any], reading: Reading, name: Name, nouns: _Nouns) -> None:
    nouns.settings = settings_of(values)
    nouns.defaults = defaults_of(values, nouns.settings)


def _keep_task(values: Mapping[str, Any], reading: Reading, name: Name, nouns: _Nouns) -> None:
    task = task_of(values, id_=name.id, path=name.path, defaults=nouns.defaults)
    inline = inline_destinations(values, task=name.id, path=name.path)
    for destination in inline:
        nouns.inline[destination.id] = destination
    nouns.tasks.append(DeclaredTask(task=task, lost=reading.lost, inline=frozenset(it.id for it in inline)))


def _keep_skill(values: Mapping[str, Any], reading: Reading, name: Name, nouns: _Nouns) -> None:
    skill = skill_of(values, reading.body, id_=name.id, path=name.path)
    nouns.skills[skill.id] = skill


def _keep_source(values: Mapping[str, Any], reading: Reading, name: Name, nouns: _Nouns) -> None:
    if not reading.lost:
        source = source_of(values, id_=name.id, path=name.path)
        nouns.sources[source.id] = source


def _keep_destination(values: Mapping[str, Any], reading: Reading, name: Name, nouns: _Nouns) -> None:
    if not reading.lost:
        destination = destination_of(values, id_=name.id, path=name.path)
        nouns.destinations[destination.id] = destination


KINDS: Mapping[str, Callable[[Mapping[str, Any], Reading, Name, _Nouns], None]] = {
    "octops": _keep_settings,
    "skill": _keep_skill,
    "source": _keep_source,
    "destination": _keep_destination,
    "task": _keep_task,
}
"""Kind of file → what becomes of its mapping, in the order of reading: tasks take defaults from octops.yaml."""


class Readings(Protocol):
    """What files said an earlier time, by blob id and kind (see `Cache`); entries are only looked at."""

    def get(self, blob: str, kind: str) -> Any: ...

    def put(self, blob: str, kind: str, entry: Any) -> None: ...


def declare(
    files: Files,
    *,
    revision: str = "",
    dirty: bool = False,
    cache: Readings | None = None,
    unread: Collection[str] = (),
) -> Declared:
    """The project that `files` declare.

    Raises InvalidProject with everything that is wrong, warnings included, when there is any error, and UsageError
    when there is no project at all. Only files without any mistake of their own are put into `cache`. Of the files
    whose paths are in `unread` only the names count: they are neither judged nor part of the project.
    """
    nouns, diagnostics = _examined(files, cache, unread)
    if any(it.severity is Severity.ERROR for it in diagnostics):
        raise InvalidProject(diagnostics)
    project = Project(
        tasks={it.task.id: it.task for it in sorted(nouns.tasks, key=lambda it: it.task.id)},
        skills=_sorted(nouns.skills),
        sources=_sorted(nouns.sources),
        destinations=_sorted({**nouns.destinations, **nouns.inline}),
        settings=nouns.settings,
        revision=revision,
        dirty=dirty,
    )
    return Declared(project=project, diagnostics=diagnostics)


def check_files(files: Files, only: Collection[str], *, cache: Readings | None = None) -> tuple[Diagnostic, ...]:
    """What is wrong with the files whose paths are in `only`, in the light of the others; UsageError as `declare`."""
    _, diagnostics = _examined(files, cache)
    return tuple(it for it in diagnostics if it.location is not None and it.location.filename in only)


def cache_salt() -> str:
    """Names what an entry of the cache depends on beside octops' code: the schemas."""
    return hashlib.sha256("".join(schema_text(kind) for kind in KINDS).encode()).hexdigest()


def _sorted(nouns: Mapping[_Id, _Noun]) -> Mapping[_Id, _Noun]:
    return dict(sorted(nouns.items(), key=lambda item: str(item[0])))


def _examined(
    files: Files, cache: Readings | None, unread: Collection[str] = ()
) -> tuple[_Nouns, tuple[Diagnostic, ...]]:
    names = [name_of(file.path) for file in files.files]
    if not has_project(files):
        raise _no_project()
    findings = Findings(files)
    nouns = _Nouns()
    for kind in KINDS:
        for file, name in zip(files.files, names, strict=True):
            if name.kind == kind and file.path not in unread:
                _take(file, name, nouns, findings, cache)
    _check(nouns, names, files, findings)
    return nouns, findings.diagnostics()


def has_project(files: Files) -> bool:
    """Whether there is a project at all, be it a broken one."""
    said = (it.location.filename for it in files.diagnostics if it.location is not None)
    paths = (*(file.path for file in files.files), *said)
    return any(path == PROJECT_FILE or path == "tasks" or path.startswith("tasks/") for path in paths)


def _no_project() -> UsageError:
    return UsageError(
        "there is no octops project here: neither octops.yaml nor a folder tasks/ with a task in it",
        code="no-project",
        detail="run `octops init` to start one, or change to its directory (`octops -C DIR …`)",
    )


def _take(file: SourceFile, name: Name, nouns: _Nouns, findings: Findings, cache: Readings | None) -> None:
    reading = _read(file, name, findings, cache)
    if reading.values is None:
        if name.kind == "octops":
            nouns.unsure = _ALL_SETTINGS
        return
    if name.kind == "octops":
        nouns.unsure = reading.lost
    KINDS[name.kind](reading.values, reading, name, nouns)


def _read(file: SourceFile, name: Name, findings: Findings, cache: Readings | None) -> Reading:
    markdown = file.path.endswith(".md")
    shelf = f"{name.kind}.md" if markdown else name.kind
    entry = cache.get(file.blob, shelf) if cache else None
    if entry is not None:
        return Reading(values=entry[0], body=entry[1])
    try:
        text = text_of(file)
    except UnreadableText as error:
        findings.unreadable(error)
        return Reading(values=None, lost=EVERYTHING)
    reading = read(text, name.kind, markdown=markdown)
    if reading.problems:
        findings.add(file.path, reading.problems)
    elif cache:
        # A task's body is its prompt, which `values` holds already.
        cache.put(file.blob, shelf, [reading.values, reading.body if name.kind == "skill" else ""])
    return reading


def _check(nouns: _Nouns, names: Collection[Name], files: Files, findings: Findings) -> None:
    """Everything that needs more than one file."""
    for path, problem in name_problems(name for name in names if name.kind not in ("", "octops")):
        findings.add(path, (problem,))
    known = Known(
        settings=nouns.settings,
        unsure=nouns.unsure,
        ids=_ids(names, files),
        skills=nouns.skills,
        sources=nouns.sources,
        inline=nouns.inline,
    )
    findings.add(nouns.settings.path, (*settings_problems(known), *budget_problems(nouns.tasks, known)))
    for skill in nouns.skills.values():
        findings.add(skill.path, (*skill_problems(skill), *skill_reference_problems(skill, known)))
    for source in nouns.sources.values():
        findings.add(source.path, source_problems(source, known))
    for destination in nouns.destinations.values():
        findings.add(destination.path, destination_problems(destination, known))
    for declared in nouns.tasks:
        findings.add(declared.task.path, task_problems(declared, known))


def _ids(names: Collection[Name], files: Files) -> Mapping[str, frozenset[str]]:
    """Every id that somebody meant to declare: those of unreadable files, and those with a name that must change."""
    unread = [
        name_of(it.location.filename) for it in files.diagnostics if it.location and it.severity is Severity.ERROR
    ]
    ids: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for name in (*names, *unread):
        if name.kind:
            ids[name.kind].add(name.id if ID.fullmatch(name.id) else suggested_id(name.id))
    return {kind: frozenset(found - {""}) for kind, found in ids.items()}
