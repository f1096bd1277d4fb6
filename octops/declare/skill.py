"""The front matter and body of a skill → the noun Skill: changes with the Agent Skills format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from octops.declare.located import At, InBody, Key, Problem
from octops.errors import Severity
from octops.model.ids import SkillId, SourceId
from octops.model.project import Skill

_LONGEST_DESCRIPTION = 1024


def skill_of(values: Mapping[str, Any], body: str, *, id_: str, path: str) -> Skill:
    return Skill(
        id=SkillId(id_),
        path=path,
        text=body,
        name=values.get("name", id_),
        description=values.get("description", ""),
        required_sources=tuple(SourceId(source) for source in values.get("required_sources", ())),
        front_matter=values,
    )


def skill_problems(skill: Skill) -> Iterator[Problem]:
    """What other readers of Agent Skills would mind; octops goes on."""
    if skill.name != skill.id:
        yield _warning(
            "skill-name",
            f"the skill is called `{skill.name[:80]}` here and `{skill.id}` by its file",
            f"write `name: {skill.id}`: tasks name it by its file or folder",
            At(path=("name",)),
        )
    if not skill.description:
        detail = "add `description`: what the skill does and when to use it"
        yield _warning(
            "missing-description", f"skill `{skill.id}` has no description", detail, Key(path=("description",))
        )
    elif len(skill.description) > _LONGEST_DESCRIPTION:
        yield _warning(
            "long-description",
            f"the description has {len(skill.description)} characters; {_LONGEST_DESCRIPTION} are allowed",
            "shorten it, and move the rest below the front matter",
            At(path=("description",)),
        )
    if not skill.text.strip():
        detail = "write the instructions below the front matter"
        yield _warning("empty-skill", f"skill `{skill.id}` has no instructions", detail, InBody(start=0, end=0))


def _warning(code: str, summary: str, detail: str, place: At | Key | InBody) -> Problem:
    return Problem(severity=Severity.WARNING, code=code, summary=summary, detail=detail, place=place)
