"""Templates: what stands where a placeholder was, and what is wrong with a text before it is used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from types import EllipsisType
from typing import Final, TypeAlias, cast

from octops.errors import Diagnostic, OctopsError, Severity
from octops.filters import Given, NoText, Refused, apply, parse, text_of
from octops.model.ids import Value
from octops.placeholders import NAME, OPENED, Mark, marks

BUILT_INS: Final = frozenset(
    {
        "current_date",
        "current_time",
        "frequency",
        "is_catch_up",
        "now",
        "previous_run_at",
        "run_id",
        "scheduled_at",
        "scheduled_date",
        "scheduled_time",
        "task_name",
        "timezone",
        "window_end",
        "window_start",
    }
)
MAX_OUTPUT: Final = 256 * 1024
"""Characters of a rendered text."""

LATER: Final = ...
"""Stands in `check` for a text that is known only when the task runs: a built-in, a parameter."""

Known: TypeAlias = "Mapping[str, Value | EllipsisType]"

_BRACES = rf"\{{\{{[ \t]*+({NAME})(?>(?:\.[\w.-]++)?)[ \t]*+(?>(?:\|[^{{}}\n]{{0,200}}+)?)\}}\}}"
_CURE = "write `\\<<` for a literal `<<`"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateProblem:
    """What is wrong with the text between two offsets; the end is exclusive."""

    severity: Severity = Severity.ERROR
    code: str
    summary: str
    detail: str = ""
    start: int
    end: int


class TemplateError(OctopsError):
    """A text that cannot be rendered. Carries every problem in it."""

    def __init__(self, problems: Iterable[TemplateProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            *(
                Diagnostic(severity=problem.severity, code=problem.code, summary=problem.summary, detail=problem.detail)
                for problem in self.problems
            )
        )


def check(text: str, known: Known | Collection[str]) -> tuple[TemplateProblem, ...]:
    """Everything wrong with the text's placeholders, in the order of the text. The built-ins are always known.

    With a mapping the values count too (null or a list has no text); a value of LATER, and every value when only
    names are given, is taken for a text that comes later.
    """
    if "<" not in text and "{" not in text:
        return ()
    variables: Known = known if isinstance(known, Mapping) else dict.fromkeys(known, LATER)
    problems: list[TemplateProblem] = []
    for mark in marks(text):
        if mark.placeholder is None:
            problems += _unrendered(text, mark, variables)
            continue
        try:
            problems += _checked(mark, mark.placeholder, variables)
        except Refused as refused:
            problems.append(_problem(refused, mark, mark.placeholder))
    if "{" in text and "{{" in text:  # one character is found ten times as fast as two
        problems += _braces(text, variables)
        problems.sort(key=lambda problem: problem.start)
    return tuple(problems)


def render(text: str, variables: Mapping[str, Value]) -> str:
    """The text with every placeholder replaced. Raises TemplateError; values are never read as templates."""
    if "<<" not in text:
        return text
    pieces: list[str] = []
    problems: list[TemplateProblem] = []
    position, size = 0, len(text)
    for mark in marks(text):
        if mark.placeholder is None and not mark.escaped:
            continue
        pieces.append(text[position : mark.start])
        position = mark.end
        try:
            piece = "<<" if mark.placeholder is None else _rendered(mark.placeholder, variables)
        except Refused as refused:
            problems.append(_problem(refused, mark, mark.placeholder))
            continue
        pieces.append(piece)
        size += len(piece) - (mark.end - mark.start)
        if size > MAX_OUTPUT:
            raise TemplateError([*problems, _too_long(mark)])
    if problems:
        raise TemplateError(problems)
    return "".join(pieces) + text[position:]


def names(text: str) -> frozenset[str]:
    """The variables a text uses, without their keys."""
    return frozenset(mark.placeholder["path"].partition(".")[0] for mark in marks(text) if mark.placeholder)


def closest(word: str, choices: Iterable[str]) -> str:
    """The one of `choices` that `word` was probably meant to be, or empty."""
    return _closest(word[:200], frozenset(choices))


@lru_cache(maxsize=256)
def _closest(word: str, choices: frozenset[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, sorted(choices), n=1)), "")


def _checked(mark: Mark, placeholder: re.Match[str], variables: Known) -> tuple[TemplateProblem, ...]:
    _, path, rest = placeholder.groups()
    rest = rest and rest.strip(" \t")
    calls = parse(rest) if rest else ()
    if path in BUILT_INS:
        # Every task has a first run; the other built-ins are missing only in runs that schedules rarely make.
        if path == "previous_run_at" and not any(call.filter == "default" for call in calls):
            return (_may_be_undefined(mark, path),)
        return ()
    value = _value(path, variables)
    if value is not LATER and (calls or type(value) is not str):
        text_of(apply(calls, value))
    return ()


def _rendered(placeholder: re.Match[str], variables: Mapping[str, Value]) -> str:
    rest = placeholder["rest"].strip(" \t")
    value = cast("Given", _value(placeholder["path"], variables))
    return text_of(apply(parse(rest), value)) if rest else text_of(value)


def _value(path: str, variables: Known) -> Given | EllipsisType:
    """What a name with its keys stands for; what is not there is the reason why."""
    if path in variables:
        return variables[path]
    root, *keys = path.split(".")
    if keys and root in BUILT_INS:
        return NoText("unknown-key", f"has no key `{keys[0]}`: `{root}` is text", f"write `<<{root}>>`")
    if root not in variables:
        return _undefined(root, variables)
    value = variables[root]
    for key in keys:
        if value is LATER:
            return value
        if not isinstance(value, Mapping):
            return NoText("unknown-key", f"has no key `{key}`: only mappings have keys", f"write `<<{root}>>`")
        if key not in value:
            keys_are = f"its keys are {', '.join(f'`{name}`' for name in islice(value, 20))}"
            return Refused("unknown-key", f"`{path}`: no key `{key}`", keys_are, wrong=key, choices=tuple(value))
        value = value[key]
    return value


def _undefined(name: str, variables: Known) -> Refused:
    if name in BUILT_INS:
        detail = f'it is not known in every run: write `<<{name} | default("…")>>`'
        return NoText("undefined-variable", "has no value in this run", detail)
    return Refused(
        "unknown-variable",
        f"variable `{name}` is not defined",
        "define it under `variables` in the task or in octops.yaml",
        wrong=name,
        choices=(*variables, *BUILT_INS),
    )


def _problem(refused: Refused, mark: Mark, placeholder: re.Match[str] | None) -> TemplateProblem:
    summary, detail = refused.summary, refused.detail
    if isinstance(refused, NoText):
        path = placeholder["path"] if placeholder else ""
        return TemplateProblem(
            code=refused.code, summary=f"`{path}` {summary}", detail=detail, start=mark.start, end=mark.end
        )
    meant = closest(refused.wrong, refused.choices) if refused.wrong else ""
    detail = f"did you mean `{meant}`? {_CURE}" if meant else f"{detail}; {_CURE}"
    return TemplateProblem(code=refused.code, summary=summary, detail=detail, start=mark.start, end=mark.end)


def _may_be_undefined(mark: Mark, name: str) -> TemplateProblem:
    return TemplateProblem(
        severity=Severity.WARNING,
        code="may-be-undefined",
        summary=f"`{name}` has no value in a task's first run, which then fails",
        detail=f'write `<<{name} | default("…")>>`',
        start=mark.start,
        end=mark.end,
    )


def _too_long(mark: Mark) -> TemplateProblem:
    summary = f"the rendered text is longer than {MAX_OUTPUT} characters"
    detail = "shorten the value, or add `| truncate(1000)`"
    return TemplateProblem(code="template-too-long", summary=summary, detail=detail, start=mark.start, end=mark.end)


def _unrendered(text: str, mark: Mark, variables: Known) -> list[TemplateProblem]:
    opened = OPENED.match(text, mark.start)  # an escaped mark starts with its backslash
    if opened is None or not (opened[1] in variables or opened[1] in BUILT_INS):
        return []
    return [_as_it_stands(opened[1], mark.start, max(mark.end, opened.end()), _CURE)]


def _braces(text: str, variables: Known) -> list[TemplateProblem]:
    return [
        _as_it_stands(braces[1], *braces.span(), "")
        for braces in re.finditer(_BRACES, text, re.ASCII)
        if braces[1] in variables or braces[1] in BUILT_INS
    ]


def _as_it_stands(name: str, start: int, end: int, cure: str) -> TemplateProblem:
    return TemplateProblem(
        severity=Severity.WARNING,
        code="not-a-placeholder",
        summary=f"`{name}` is a variable, but what stands here is sent to the model as it is",
        detail="; ".join(filter(None, (f"write `<<{name}>>` for its value", cure))),
        start=start,
        end=end,
    )
