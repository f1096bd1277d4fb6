"""What a file declares, by its path alone: its kind and its id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from octops.declare.layout import PROJECT_FILE, SKILL_FILE
from octops.declare.located import Problem
from octops.model.ids import ID

FOLDERS = {"tasks": "task", "skills": "skill", "sources": "source", "destinations": "destination"}
_SUFFIX = re.compile(r"\.(?:yaml|yml|md)$")


@dataclass(frozen=True, slots=True)
class Name:
    """`kind` is `task`, `skill`, `source`, `destination` or `octops`; empty for a file of no kind."""

    kind: str
    id: str
    path: str


def name_of(path: str) -> Name:
    """The name a path gives; its id may be none that is allowed."""
    if path == PROJECT_FILE:
        return Name("octops", "octops", path)
    folder, _, rest = path.partition("/")
    above, _, last = rest.rpartition("/")
    stem = above.rpartition("/")[2] if last == SKILL_FILE and above else _SUFFIX.sub("", last)
    return Name(FOLDERS.get(folder, "") if rest else "", stem, path)


def suggested_id(text: str) -> str:
    """The nearest id that is allowed, or empty when nothing of the text can stay."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64].rstrip("-")


def name_problems(names: Iterable[Name]) -> Iterator[tuple[str, Problem]]:
    """Ids that are not allowed, and ids that two files claim; each with the path it is about."""
    first: dict[tuple[str, str], str] = {}
    for name in names:
        if not ID.fullmatch(name.id):
            yield name.path, _bad_id(name)
            continue
        other = first.setdefault((name.kind, name.id), name.path)
        if other != name.path:
            yield name.path, _duplicate(name, other)


def _bad_id(name: Name) -> Problem:
    if name.path == f"skills/{SKILL_FILE}":
        detail = f"put it into a folder named after the skill: `skills/<id>/{SKILL_FILE}`"
    elif suggestion := suggested_id(name.id):
        detail = f"rename it to `{suggestion}`: lower-case letters, digits and `-`, at most 64, a letter or digit first"
    else:
        detail = "rename it: lower-case letters, digits and `-`, at most 64, a letter or digit first"
    shown = name.id if len(name.id) <= 80 else f"{name.id[:79]}…"
    return Problem(code="bad-id", summary=f"`{shown}` cannot be the id of a {name.kind}", detail=detail)


def _duplicate(name: Name, other: str) -> Problem:
    return Problem(
        code="duplicate-id",
        summary=f"{name.kind} `{name.id}` is declared twice: `{other}` and `{name.path}`",
        detail="rename one of the two files: sub-folders only group, the id is the file name",
    )
