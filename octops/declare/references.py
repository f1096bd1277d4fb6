"""Whether what a task, a skill or octops.yaml names by id is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from octops.declare.known import DeclaredTask, Known
from octops.declare.located import At, Pointer, Problem
from octops.declare.near import choice_text
from octops.model.project import Settings, Skill
from octops.model.task import Task

_WHERE = {
    "task": "tasks are the files under tasks/",
    "skill": "skills are the Markdown files under skills/",
    "source": "sources are the YAML files under sources/",
    "destination": "destinations are the YAML files under destinations/",
}


def reference_problems(declared: DeclaredTask, known: Known) -> Iterator[Problem]:
    """Ids of a task that are declared nowhere, and sources that its skills and prefetches need but it lacks."""
    task = declared.task
    yield from _unknown(task, "skill", "skills", task.skills, known)
    yield from _unknown(task, "source", "sources", task.sources, known)
    if task.destinations:
        named = ["" if id_ in declared.inline else id_ for id_ in task.destinations]
        yield from _unknown(task, "destination", "destinations", named, known)
        yield from _taken_ids(declared, known)
    for index, call in enumerate(task.prefetch):
        yield from _prefetch(declared, call.source, ("prefetch", index, "source"), known)
    if "sources" not in declared.lost:
        yield from _skills_without_sources(task, known)


def skill_reference_problems(skill: Skill, known: Known) -> Iterator[Problem]:
    """Required sources that are declared nowhere."""
    for index, source in enumerate(skill.required_sources):
        if source and source not in known.ids["source"]:
            yield _not_there(f"skill `{skill.id}` requires", "source", source, ("required_sources", index), known)


def moved_problems(settings: Settings, known: Known) -> Iterator[Problem]:
    """Renames in octops.yaml that are not, or not any more, what happened."""
    for index, (old, new) in enumerate(settings.moved.items()):
        if old in known.ids["task"]:
            yield Problem(
                code="not-moved",
                summary=f"task `{old}` is said to have moved, but it is still there",
                detail=f"remove the entry, or rename the file of `{old}`",
                place=At(path=("moved", index, "from")),
            )
        if new not in known.ids["task"]:
            missing = _not_there("`moved` names", "task", new, ("moved", index, "to"), known)
            yield replace(missing, detail=f"{missing.detail}; remove the entry if `{new}` was deleted since")


def _unknown(task: Task, kind: str, key: str, ids: Sequence[str], known: Known) -> Iterator[Problem]:
    declared = known.ids[kind]
    for index, id_ in enumerate(ids):
        if id_ and id_ not in declared:
            yield _not_there(f"task `{task.id}` uses", kind, id_, (key, index), known)


def _not_there(who: str, kind: str, id_: str, path: Pointer, known: Known) -> Problem:
    return Problem(
        code=f"unknown-{kind}",
        summary=f"{who} {kind} `{id_}`, which does not exist",
        detail=f"{choice_text(id_, known.ids[kind])}{_WHERE[kind]}",
        place=At(path=path),
    )


def _taken_ids(declared: DeclaredTask, known: Known) -> Iterator[Problem]:
    for index, id_ in enumerate(declared.task.destinations):
        if id_ in declared.inline and id_ in known.ids["destination"]:
            yield Problem(
                code="duplicate-id",
                summary=f"destination {index + 1} of task `{declared.task.id}` would be called `{id_}`, which is taken",
                detail="rename the declared destination of that name, or name it here by its id",
                place=At(path=("destinations", index)),
            )


def _prefetch(declared: DeclaredTask, source: str, path: Pointer, known: Known) -> Iterator[Problem]:
    task = declared.task
    if not source or source in task.sources:
        return
    if source not in known.ids["source"]:
        yield _not_there(f"task `{task.id}` prefetches from", "source", source, path, known)
    elif "sources" not in declared.lost:
        yield Problem(
            code="missing-source",
            summary=f"task `{task.id}` prefetches from source `{source}`, which it does not have",
            detail=f"add `{source}` to `sources`",
            place=At(path=path),
        )


def _skills_without_sources(task: Task, known: Known) -> Iterator[Problem]:
    for index, id_ in enumerate(task.skills):
        skill = known.skills.get(id_)
        for source in skill.required_sources if skill else ():
            if source and source not in task.sources:
                yield Problem(
                    code="missing-source",
                    summary=f"skill `{id_}` needs source `{source}`, which task `{task.id}` does not have",
                    detail=f"add `{source}` to `sources`",
                    place=At(path=("skills", index)),
                )
