"""Whether the `<<variables>>` of a task are defined, and nothing takes the name of a built-in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import EllipsisType
from typing import Any, TypeAlias

from octops.declare.known import DeclaredTask, Known
from octops.declare.located import PROMPT, Key, Pointer, Problem, Within
from octops.model.ids import Value
from octops.model.task import Task
from octops.template import BUILT_INS, LATER, check

_Variables: TypeAlias = "Mapping[str, Value | EllipsisType]"
_PLAIN = re.compile(r"<<([a-z_][a-z0-9_]*)>>")
_ALWAYS = BUILT_INS - {"previous_run_at", "window_start"}
"""The built-ins that have a value in every run."""
_UNSURE = frozenset(("unknown-variable",))
"""What cannot be said when some of the variables could not be read."""


def variable_problems(declared: DeclaredTask, known: Known) -> Iterator[Problem]:
    """What is wrong with the templates of one task and with the names it gives to variables and parameters."""
    task = declared.task
    if task.variables or task.parameters:
        yield from _shadows(task)
        if task.schedule is not None and task.parameters:
            yield from _without_default(task)
    variables = _variables(task, known)
    if task.prefetch or not _plainly_right(task.prompt, variables):
        unsure = "variables" in known.unsure or not declared.lost.isdisjoint(("variables", "parameters"))
        yield from _templates(task, variables, _UNSURE if unsure else ())


def shadow_problems(names: Iterable[str], at: Pointer, what: str) -> Iterator[Problem]:
    """Names that only octops itself may set."""
    for name in names:
        if name in BUILT_INS:
            yield Problem(
                code="shadows-built-in",
                summary=f"{what} `{name}` has the name of a built-in variable",
                detail="give it another name: octops sets this one in every run",
                place=Key(path=(*at, name)),
            )


def _shadows(task: Task) -> Iterator[Problem]:
    yield from shadow_problems(task.variables, ("variables",), "variable")
    yield from shadow_problems(task.parameters, ("parameters",), "parameter")


def _without_default(task: Task) -> Iterator[Problem]:
    for name, parameter in task.parameters.items():
        if parameter.default is None:
            yield Problem(
                code="missing-default",
                summary=f"parameter `{name}` has no default, and nobody gives it when the schedule fires",
                detail=f"add `default` to `{name}`, or take the schedule away",
                place=Key(path=("parameters", name)),
            )


def _plainly_right(text: str, variables: _Variables) -> bool:
    """Most prompts hold nothing but `<<name>>` with names that are always a text: seen in a third of the time."""
    if "{{" in text:
        return False
    names = _PLAIN.findall(text)
    always_text = [name for name in names if type(variables.get(name)) is str or name in _ALWAYS]
    return len(always_text) == text.count("<<")


def _variables(task: Task, known: Known) -> _Variables:
    shared = known.settings.variables
    if not task.variables and not task.parameters:
        return shared
    return {**shared, **task.variables, **dict.fromkeys(task.parameters, LATER)}


def _templates(task: Task, variables: _Variables, silent: Iterable[str]) -> Iterator[Problem]:
    yield from _template(task.prompt, PROMPT, variables, silent)
    for index, call in enumerate(task.prefetch):
        yield from _arguments(call.arguments, ("prefetch", index, "arguments"), variables, silent)


def _arguments(value: Any, at: Pointer, variables: _Variables, silent: Iterable[str]) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _template(value, at, variables, silent)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _arguments(item, (*at, key), variables, silent)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _arguments(item, (*at, index), variables, silent)


def _template(text: str, at: Pointer, variables: _Variables, silent: Iterable[str]) -> Iterator[Problem]:
    for it in check(text, variables):
        if it.code not in silent:
            place = Within(path=at, text=text, start=it.start, end=it.end)
            yield Problem(severity=it.severity, code=it.code, summary=it.summary, detail=it.detail, place=place)
