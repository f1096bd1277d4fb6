"""One new file of a project: what must be known to write it, and the writing."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from octops.app.workspace import Workspace
from octops.app.writing import write_new
from octops.errors import Diagnostic, OctopsError, Severity, UsageError

KINDS = ("task", "skill", "source", "destination")
_CURES = {
    "missing-model": "write `--set model=anthropic/claude-sonnet-4-5`, or name one for all tasks in octops.yaml: "
    "`octops init` writes one where there is none",
    "literal-secret": "nothing was written: keep it in an environment variable, and write the name of that variable",
}
_SCHEMA_FOLDERS = (".octops/schemas", "schemas")
_SKILL_TEXT = "Write here what the model should keep to, as if to a new colleague.\n"
_SCHEDULES = (
    (re.compile(r"hourly(?: (?P<at>:\d\d|\d\d:\d\d))?"), "hourly"),
    (re.compile(r"daily (?P<at>\d\d:\d\d)"), "daily"),
    (re.compile(r"weekly (?P<days>[a-z]+(?:,[a-z]+)*) (?P<at>\d\d:\d\d)"), "weekly"),
    (re.compile(r"once (?P<date>\d{4}-\d\d-\d\d) (?P<at>\d\d:\d\d)"), "once"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A key that must have a value, in the schema's words."""

    key: str
    description: str
    example: str
    instead: tuple[str, ...] = ()
    """Keys that are not needed beside it: with one of them this one is not needed."""


def types_of(kind: str) -> tuple[str, ...]:
    """The types a kind has, as its schema says; none for tasks and skills."""
    from octops.schemas import schema

    found: list[str] = schema(kind).get("$defs", {}).get("type", {}).get("enum", [])
    return tuple(found)


def questions(kind: str, answers: Mapping[str, Any]) -> tuple[Question, ...]:
    """The keys that still need a value beside these: which ones may depend on the answers so far."""
    if kind == "skill":
        return () if "description" in answers else (_question(kind, "description", answers),)
    missing = _needed(kind, answers)
    # What a key that is still to come may make superfluous is not asked for yet.
    certain = [key for key in missing if all(key in _needed(kind, {**answers, it: ""}) for it in missing if it != key)]
    return tuple(_question(kind, key, answers) for key in certain or missing)


def _needed(kind: str, answers: Mapping[str, Any]) -> list[str]:
    required = dict.fromkeys(key for it in _branches(kind, answers) for key in it.get("required", ()))
    return [key for key in required if key not in answers and (kind, key) != ("task", "prompt")]


def value_of(kind: str, key: str, text: str, answers: Mapping[str, Any]) -> Any:
    """What `key=text` on the command line means: a secret takes the name of its variable, a list its items."""
    from octops.declare.yamlfile import YamlError, parse

    rule = _rule(kind, key, {**answers, key: text})
    types = rule.get("type", "string")
    if types == "object" and set(rule.get("properties", ())) == {"env"}:
        return {"env": text}
    if "string" in types and not (text.startswith("{") and "object" in types):
        return text
    if types == "array" and not text.startswith("["):
        return [item.strip() for item in text.split(",")]
    try:
        return parse(text)
    except YamlError as error:
        raise UsageError(
            f"`{key}={text[:80]}` is not YAML: {error.problem.summary}", detail="write the value as in a file"
        ) from error


def schedule_of(text: str) -> dict[str, Any]:
    """`daily 18:00`, `weekly monday,friday 09:00`, `hourly :15`, `once 2026-03-02 09:00`, else a cron expression."""
    from octops.schedule.field import FIELDS

    for pattern, frequency in _SCHEDULES:
        if match := pattern.fullmatch(text.strip()):
            given = {key: value for key, value in match.groupdict().items() if value is not None}
            days = {"days": given["days"].split(",")} if "days" in given else {}
            return {"frequency": frequency, **given, **days}
    if len(text.split()) < len(FIELDS) and not text.strip().startswith("@"):
        forms = "`daily 18:00`, `weekly monday,friday 09:00`, `hourly :15`, `once 2026-03-02 09:00`"
        raise UsageError(
            f"`{text[:80]}` is no schedule",
            code="bad-schedule",
            detail=f"write {forms} or a cron expression such as `30 8 * * MON-FRI`; several times stand in the file, "
            'as in `at: ["08:00", "18:00"]`',
        )
    return {"cron": text.strip()}


def add_file(workspace: Workspace, kind: str, id_: str, values: Mapping[str, Any], text: str = "") -> str:
    """Write one file and return its path. Nothing is written unless it is valid beside the files there are."""
    from octops.declare.file import Files, SourceFile, blob_id, with_one_line_end
    from octops.declare.load import check_files
    from octops.declare.worktree import read_worktree

    _require_id(id_)
    there = read_worktree(workspace.root)
    path = _free_path(workspace.root, there, kind, id_)
    content = file_text(workspace.root, path, kind, values, with_one_line_end(text)).encode()
    new = SourceFile(path, content, blob_id(content))
    found = check_files(Files((*there.files, new), there.diagnostics), {path})
    if mistakes := [it for it in found if it.severity is Severity.ERROR]:
        raise OctopsError(*(_before_it_is_written(it, path) for it in mistakes))
    write_new(workspace.root, {path: content})
    return path


def _before_it_is_written(mistake: Diagnostic, path: str) -> Diagnostic:
    """Where the cure is not in the file, which does not exist, it is on the command line."""
    cure = _CURES.get(mistake.code, "")
    if not cure or mistake.location is None or mistake.location.filename != path:
        return mistake
    return replace(mistake, detail=cure, location=None, snippet="")


def file_text(root: Path, path: str, kind: str, values: Mapping[str, Any], text: str = "") -> str:
    """A file in the one style, with the comment that leads editors to its schema."""
    from octops.declare.style.file import yaml_text

    comment = f"# yaml-language-server: $schema={_schema_place(root, path, kind)}"
    if kind == "skill":
        front = yaml_text(values, kind, comment=comment)
        return f"---\n{front}---\n{text or _SKILL_TEXT}"
    return yaml_text({**values, "prompt": text} if kind == "task" and text else values, kind, comment=comment)


def path_of(kind: str, id_: str) -> str:
    return f"skills/{id_}/SKILL.md" if kind == "skill" else f"{kind}s/{id_}.yaml"


def _schema_place(root: Path, path: str, kind: str) -> str:
    from octops.schemas import schema

    name = f"{kind}.schema.json"
    for folder in _SCHEMA_FOLDERS:
        if (root / folder / name).is_file():
            return os.path.relpath(f"{folder}/{name}", str(Path(path).parent))
    address: str = schema(kind)["$id"]
    return address


def _require_id(id_: str) -> None:
    from octops.declare.naming import suggested_id
    from octops.model.ids import ID

    if not ID.fullmatch(id_):
        near = suggested_id(id_)
        raise UsageError(
            f"`{id_[:80]}` cannot be an id",
            code="bad-id",
            detail=f"write `{near}`" if near else "write lower-case letters, digits and `-`",
        )


def _free_path(root: Path, there: Any, kind: str, id_: str) -> str:
    from octops.declare.naming import name_of

    path = path_of(kind, id_)
    names = [name_of(file.path) for file in there.files]
    taken = [name.path for name in names if (name.kind, name.id) == (kind, id_)]
    if taken or os.path.lexists(root / path):
        raise UsageError(
            f"there is already a {kind} `{id_}`: `{taken[0] if taken else path}`",
            code="already-there",
            detail="choose another id, or edit that file: nothing is ever written over",
        )
    return path


def _branches(kind: str, answers: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    from octops.declare.branches import applying
    from octops.schemas import schema

    return list(applying(schema(kind), schema(kind), dict(answers)))


def _rule(kind: str, key: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What the schema says about a key, with what it refers to."""
    from octops.schemas import schema

    rule: dict[str, Any] = {}
    for branch in _branches(kind, answers):
        said = branch.get("properties", {}).get(key)
        while isinstance(said, dict):
            rule = {**said, **rule}
            said = schema(kind)["$defs"].get(said["$ref"].removeprefix("#/$defs/")) if "$ref" in said else None
    return rule


def _question(kind: str, key: str, answers: Mapping[str, Any]) -> Question:
    rule = _rule(kind, key, answers)
    description = rule.get("description", "")
    example = next(iter(rule.get("examples", ())), "")
    if isinstance(example, dict) and list(example) == ["env"]:
        description, example = f"{description} The name of its variable:", example["env"]
    shown = ", ".join(map(str, example)) if isinstance(example, list) else str(example)
    return Question(key=key, description=description, example=shown, instead=_instead(kind, key, answers))


def _instead(kind: str, key: str, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that decide by being there whether this one is needed."""
    deciding: list[str] = []
    for branch in _branches(kind, answers):
        condition = branch.get("if", {})
        deciding += condition.get("not", condition).get("required", ()) if "properties" not in condition else ()
    return tuple(it for it in deciding if it not in answers and key not in _needed(kind, {**answers, it: ""}))
