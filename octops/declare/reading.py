"""One file → its mapping, or what is wrong with it: everything that can be said without the other files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from octops.declare.contents import own_faults
from octops.declare.events import CONTROL
from octops.declare.faults import Fault
from octops.declare.frontmatter import split
from octops.declare.hidden_problems import hidden_problems, may_hide
from octops.declare.literal_secrets import LiteralSecret, find
from octops.declare.located import MAX_PROBLEMS, PROMPT, At, InFile, Key, Problem
from octops.declare.positions import Span
from octops.declare.salvage import salvage
from octops.declare.schema import conforms, explain
from octops.declare.yamlfile import YamlError, YamlProblem, parse
from octops.errors import Severity
from octops.schemas import schema

EVERYTHING = frozenset(("*",))
"""Stands in `lost` when nothing of a file can be used."""

_OURS, _THEIRS = re.compile(r"^<{7} ", re.MULTILINE), re.compile(r"^>{7} ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file's mapping and body. `values` None: nothing of it can be used. `lost` are keys that cannot be used."""

    values: Mapping[str, Any] | None
    body: str = ""
    lost: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    value: Any
    body: str = ""
    problems: tuple[Problem, ...] = ()


def read(text: str, kind: str, *, markdown: bool) -> Reading:
    """Read one file of a kind. Whatever the file holds, it is said in `problems`, not raised."""
    if "<<<<<<<" in text and (conflict := _conflict(text)):
        return Reading(values=None, lost=EVERYTHING, problems=(conflict,))
    parsed = _parse_markdown(text, kind) if markdown else _parse_yaml(text)
    value, problems = parsed.value, list(parsed.problems)
    if keys := find(text):
        problems += map(_written_out, keys)
    if may_hide(text):
        bad_syntax = bool(parsed.problems)
        problems += hidden_problems(text, value, kind=kind, body=parsed.body, syntax_is_bad=bad_syntax)
    if type(value) is dict:
        return _judged(parsed, kind, problems)
    if not parsed.problems:
        problems.append(_no_mapping(value, kind))
    return Reading(values=None, lost=EVERYTHING, problems=tuple(problems))


def _judged(parsed: _Parsed, kind: str, problems: list[Problem]) -> Reading:
    """The mapping held against its schema and its own rules; what breaks one is left out and the rest goes on."""
    value: dict[str, Any] = parsed.value
    broken: list[Fault] = []
    if not conforms(kind, value):
        broken = list(islice(_schema_faults(parsed, kind), MAX_PROBLEMS + 1))
    rest = salvage(value, broken)
    own = list(islice(own_faults(kind, rest.values), MAX_PROBLEMS + 1))
    if not broken and not own:
        return Reading(values=value, body=parsed.body, problems=tuple(problems))
    best = salvage(rest.values, own)
    problems += [fault.problem for fault in (*broken, *own) if not fault.silent]
    if max(len(broken), len(own)) > MAX_PROBLEMS:
        return Reading(values=None, lost=EVERYTHING, problems=tuple(problems))
    return Reading(values=best.values, body=parsed.body, lost=rest.lost | best.lost, problems=tuple(problems))


def _schema_faults(parsed: _Parsed, kind: str) -> Iterator[Fault]:
    said = {problem.code for problem in parsed.problems}
    for fault in explain(kind, parsed.value):
        softened = _softened(fault, kind, bad_syntax=bool(parsed.problems))
        # The parser has said what is wrong with a text that holds a control character.
        is_said = "control-character" in said and fault.problem.code == "bad-value" and _has_control(fault, parsed)
        yield replace(softened, silent=softened.silent or is_said)


def _has_control(fault: Fault, parsed: _Parsed) -> bool:
    value = parsed.value
    for step in fault.unusable or ():
        value = value[step]
    return isinstance(value, str) and CONTROL.search(value) is not None


def _softened(fault: Fault, kind: str, *, bad_syntax: bool) -> Fault:
    problem = fault.problem
    if kind == "skill" and problem.code == "unknown-key":
        # Skills are written for many programs; a key octops does not know belongs to another.
        return replace(fault, problem=replace(problem, severity=Severity.WARNING))
    # An alias or a merge key leaves a gap, which has been reported as what it is.
    gap = problem.code == "no-value" or problem.place == Key(path=("<<",))
    return replace(fault, silent=bad_syntax and gap)


def _parse_yaml(text: str) -> _Parsed:
    try:
        return _Parsed(value=parse(text))
    except YamlError as error:
        return _Parsed(value=error.value, problems=_syntax(error.problems, 1))


def _parse_markdown(text: str, kind: str) -> _Parsed:
    try:
        front = split(text)
    except YamlError as error:
        return _Parsed(value=None, problems=_syntax(error.problems, 1))
    problems: tuple[Problem, ...] = ()
    try:
        value: Any = parse(front.yaml)
    except YamlError as error:
        value, problems = error.value, _syntax(error.problems, front.yaml_line)
    if value is None and not problems and (kind == "skill" or front.body.strip()):
        value = {}
    if kind == "task" and isinstance(value, dict) and front.body.strip():
        problems += _two_prompts(value)
        value["prompt"] = front.body
    return _Parsed(value=value, body=front.body, problems=problems)


def _syntax(problems: tuple[YamlProblem, ...], first_line: int) -> tuple[Problem, ...]:
    down = first_line - 1
    return tuple(
        Problem(
            code=it.code,
            summary=it.summary,
            detail=it.detail,
            place=Span(it.line + down, it.column, it.end_line + down, it.end_column),
        )
        for it in problems
    )


def _two_prompts(value: Mapping[str, Any]) -> tuple[Problem, ...]:
    if "prompt" not in value:
        return ()
    problem = Problem(
        code="two-prompts",
        summary="the prompt stands in the front matter and below it",
        detail="keep one of the two: in a Markdown task the body is the prompt",
        place=Key(path=PROMPT),
    )
    return (problem,)


def _written_out(secret: LiteralSecret) -> Problem:
    return Problem(
        code="literal-secret",
        summary=f"{secret.what} stands in the file ({secret.fingerprint})",
        detail=f"take it out and change it at its provider: it is in the file's history; "
        f"where a key belongs, write `{{env: {secret.variable}}}`",
        place=InFile(start=secret.start, end=secret.end),
        secret=True,
    )


def _conflict(text: str) -> Problem | None:
    ours = _OURS.search(text)
    if ours is None or _THEIRS.search(text, ours.end()) is None:
        return None
    return Problem(
        code="merge-conflict",
        summary="a merge conflict is not resolved",
        detail="choose between the parts, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`",
        place=InFile(start=ours.start(), end=ours.end() - 1),
    )


def _no_mapping(value: object, kind: str) -> Problem:
    required = schema(kind).get("required", ())
    keys = schema(kind)["properties"]
    needs = "; ".join(f"`{key}`: {keys[key].get('description', '')}".rstrip(": ") for key in required)
    if value is None:
        return Problem(code="empty-file", summary="the file is empty", detail=f"it needs {needs}" if needs else "")
    detail = "write `key: value` lines" + (f"; it needs {needs}" if needs else "")
    return Problem(
        code="not-a-mapping", summary="the file is not a mapping of keys to values", detail=detail, place=At()
    )
