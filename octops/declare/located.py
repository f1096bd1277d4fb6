"""Where a mistake stands: turns what is wrong with a file's content into a diagnostic with line, column and snippet.

Nothing here runs while all is well: a place is looked up only once something is wrong at it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from octops.declare.frontmatter import FrontMatter, split
from octops.declare.literal_secrets import masked
from octops.declare.positions import Positions, Span, positions
from octops.declare.yamlproblem import YamlError
from octops.errors import Diagnostic, Location, Severity

MAX_PROBLEMS = 100
"""More than this many in one file are counted, not listed: a generated file must not fill the screen."""

Pointer: TypeAlias = tuple[str | int, ...]
"""The way to a value in a file's mapping."""

PROMPT: Pointer = ("prompt",)
"""In a Markdown task its text is the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The key that leads to `path`, or the nearest one above that exists."""

    path: Pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """The value at `path`."""

    path: Pointer = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """`text[start:end]`, `text` being the value at `path`."""

    path: Pointer
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InBody:
    """Characters of the body below the front matter; the end is exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InFile:
    """Characters of the whole file; the end is exclusive."""

    start: int
    end: int


Place: TypeAlias = Key | At | Within | InBody | InFile | Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in one file, before anybody looked up the line."""

    severity: Severity = Severity.ERROR
    code: str
    summary: str
    detail: str = ""
    place: Place = InFile(start=0, end=0)
    secret: bool = False
    """What stands at the place is never shown."""


def locate(path: str, text: str, problems: Sequence[Problem]) -> tuple[Diagnostic, ...]:
    """The problems of one file as diagnostics, in their order; those beyond MAX_PROBLEMS become one note."""
    page = _Page(path, text)
    page.hide(problem.place for problem in problems if problem.secret)
    diagnostics = _without_wider_secrets([page.diagnostic(problem) for problem in problems[:MAX_PROBLEMS]])
    if len(problems) > MAX_PROBLEMS:
        diagnostics.append(page.diagnostic(_beyond(len(problems) - MAX_PROBLEMS)))
    return tuple(diagnostics)


def _without_wider_secrets(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """A key of a known shape, found at a place where any text is a secret, is one mistake: the shape says more."""
    secrets = [(n, it.location) for n, it in enumerate(diagnostics) if it.code == "literal-secret" and it.location]
    wider = {n for n, one in secrets for m, other in secrets if _around(one, other) and (one != other or m < n)}
    return [it for n, it in enumerate(diagnostics) if n not in wider]


def _around(one: Location, other: Location) -> bool:
    return (one.line, one.column) <= (other.line, other.column) and (other.end_line, other.end_column) <= (
        one.end_line,
        one.end_column,
    )


def _beyond(count: int) -> Problem:
    return Problem(
        severity=Severity.NOTE,
        code="more-problems",
        summary=f"{count} more problems in this file are not listed",
        detail="correct the listed ones first",
    )


class _Page:
    """A file's text with everything needed to point into it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.shown = [_without_values_of_secret_keys(line) for line in masked(text).split("\n")]
        """The lines as they may be shown."""

    def hide(self, places: Iterable[Place]) -> None:
        for place in places:
            span = self.span(place)
            for number in range(span.line, min(span.end_line, len(self.shown)) + 1):
                line = self.shown[number - 1]
                start = span.column - 1 if number == span.line else 0
                end = span.end_column - 1 if number == span.end_line else len(line)
                self.shown[number - 1] = line[:start] + "*" * (min(end, len(line)) - start) + line[end:]

    def diagnostic(self, problem: Problem) -> Diagnostic:
        span = self.span(problem.place)
        return Diagnostic(
            severity=problem.severity,
            code=problem.code,
            summary=masked(problem.summary),
            detail=masked(problem.detail),
            location=Location(
                filename=self.path,
                line=span.line,
                column=span.column,
                end_line=span.end_line,
                end_column=span.end_column,
            ),
            snippet=self.shown[span.line - 1],
        )

    def span(self, place: Place) -> Span:
        """Lines and columns of the file, inside it whatever the place says."""
        match place:
            case Key(path=path):
                return self._of_yaml(self._positions.key(path))
            case At(path=path):
                return self._of_yaml(self._positions.value(path))
            case Within(path=path, text=text, start=start, end=end):
                if path == PROMPT and self._front.body.strip():
                    return self.span(InBody(start=start, end=end))
                return self._of_yaml(self._positions.inside(path, text, start, end - start))
            case InBody(start=start, end=end):
                offset = len(self.text) - len(self._front.body)
                return self._of_offsets(offset + start, offset + end)
            case InFile(start=start, end=end):
                return self._of_offsets(start, end)
            case Span():
                return self._inside(place)

    @cached_property
    def _front(self) -> FrontMatter:
        if self.path.endswith(".md"):
            with suppress(YamlError):
                return split(self.text)
        return FrontMatter(yaml=self.text, yaml_line=1, body="", body_line=1)

    @cached_property
    def _positions(self) -> Positions:
        return positions(self._front.yaml)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def _of_yaml(self, span: Span) -> Span:
        return self._inside(lowered(span, self._front.yaml_line))

    def _of_offsets(self, start: int, end: int) -> Span:
        line, column = self._line_and_column(start)
        end_line, end_column = self._line_and_column(max(start, end))
        return Span(line=line, column=column, end_line=end_line, end_column=end_column)

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        offset = min(offset, len(self.text))
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def _inside(self, span: Span) -> Span:
        line, column = self._clamped(span.line, span.column)
        end_line, end_column = self._clamped(span.end_line, span.end_column)
        if (end_line, end_column) < (line, column):
            end_line, end_column = line, column
        return Span(line=line, column=column, end_line=end_line, end_column=end_column)

    def _clamped(self, line: int, column: int) -> tuple[int, int]:
        if line > len(self.shown):
            return len(self.shown), len(self.shown[-1]) + 1
        return max(line, 1), max(1, min(column, len(self.shown[line - 1]) + 1))


def lowered(span: Span, first_line: int) -> Span:
    """A span of a text that starts on line `first_line` of the file, as a span of the file."""
    down = first_line - 1
    return Span(span.line + down, span.column, span.end_line + down, span.end_column)


_SECRET_KEY = re.compile(
    r"""(?P<key>["']?\b(?:(?:proxy-)?authorization|(?:x-)?api[_-]?key|(?:api|auth|access)[_-]?token|access[_-]?key|"""
    r"""(?:signing[_-]?|client[_-]?)?secret|private[_-]?key|password|token)["']?[ \t]*[:=][ \t]+)"""
    r"""(?P<value>[^\s{|>#&*][^\n]*)""",
    re.IGNORECASE,
)


def _without_values_of_secret_keys(line: str) -> str:
    """A line that cannot be parsed may still hold a password, and nobody can say where it ends."""
    return _SECRET_KEY.sub(lambda match: match["key"] + "*" * len(match["value"]), line)
