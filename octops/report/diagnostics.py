"""Diagnostics as people read them (place, line, caret, cure) and as programs do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from octops.errors import Diagnostic, Location, Severity
from octops.report.escape import terminal, terminal_lines, workflow_safe_lines
from octops.report.paint import Style, paint
from octops.report.snippet import excerpt
from octops.report.words import count

_STYLES = {Severity.ERROR: Style.ERROR, Severity.WARNING: Style.WARNING, Severity.NOTE: Style.NOTE}


def diagnostics_text(diagnostics: Iterable[Diagnostic], color: bool = False, width: int = 100) -> str:
    """All of them by file and line, then how many. `width` bounds the source line that is shown; empty for none."""
    ordered = sorted(diagnostics, key=lambda diagnostic: diagnostic.order)
    if not ordered:
        return ""
    blocks = ["\n".join(_block(diagnostic, color, width)) for diagnostic in ordered]
    return workflow_safe_lines("\n\n".join([*blocks, counts(ordered)]) + "\n")


def counts(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`; only the kinds there are."""
    numbers = Counter(diagnostic.severity for diagnostic in diagnostics)
    return ", ".join(count(numbers[severity], severity.value) for severity in Severity if numbers[severity])


def _block(diagnostic: Diagnostic, color: bool, width: int) -> Iterator[str]:
    style = _STYLES[diagnostic.severity]
    head = paint(f"{diagnostic.severity.value}[{terminal(diagnostic.code)}]", style, color)
    yield f"{head}: {paint(terminal(diagnostic.summary), Style.HEADING, color)}"
    place = diagnostic.location
    margin = " " * (len(str(place.line)) if place else 1)
    if place:
        arrow = paint("-->", Style.PLACE, color)
        yield f"{margin}{arrow} {terminal(place.filename)}:{place.line}:{place.column}"
        yield from _source(diagnostic.snippet, place, margin, style, color, width)
    if diagnostic.detail:
        first, *rest = terminal_lines(diagnostic.detail.replace("\r\n", "\n")).split("\n")
        yield f"{margin} {paint('= help:', Style.PLACE, color)} {first}"
        yield from (f"{margin}         {line}" for line in rest)


def _source(snippet: str, place: Location, margin: str, style: Style, color: bool, width: int) -> Iterator[str]:
    if not snippet:
        return
    end = place.end_column if place.end_line == place.line else len(snippet) + 1
    shown = excerpt(snippet, place.column - 1, end - 1, width)
    bar = paint("|", Style.PLACE, color)
    yield f"{margin} {bar}"
    yield f"{paint(str(place.line), Style.PLACE, color)} {bar} {shown.text}".rstrip()
    yield f"{margin} {bar} {' ' * shown.indent}{paint('^' * shown.length, style, color)}"


def diagnostics_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """The objects of `terraform validate -json`, by file and line; no `range` without a place."""
    return [_document(diagnostic) for diagnostic in sorted(diagnostics, key=lambda diagnostic: diagnostic.order)]


def _document(diagnostic: Diagnostic) -> dict[str, Any]:
    document: dict[str, Any] = {
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
    }
    if place := diagnostic.location:
        document["range"] = {
            "filename": place.filename,
            "start": {"line": place.line, "column": place.column},
            "end": {"line": place.end_line, "column": place.end_column},
        }
    if diagnostic.snippet:
        document["snippet"] = diagnostic.snippet
    return document


def validation_json(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """The whole document of `octops validate --format json`."""
    numbers = Counter(diagnostic.severity for diagnostic in diagnostics)
    return {
        "format_version": "1.0",
        "valid": not numbers[Severity.ERROR],
        "error_count": numbers[Severity.ERROR],
        "warning_count": numbers[Severity.WARNING],
        "diagnostics": diagnostics_json(diagnostics),
    }
