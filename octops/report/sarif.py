"""Diagnostics as SARIF 2.1.0, the format that code scanning reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from octops.errors import Diagnostic, Location, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LIMIT = 5_000
"""GitHub shows this many results of an upload."""
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def sarif(diagnostics: Iterable[Diagnostic], *, version: str = "") -> dict[str, Any]:
    """One run of one tool; errors come first, so that a limit of the reader drops the least."""
    ranked = sorted(diagnostics, key=lambda it: (tuple(Severity).index(it.severity), it.order))[:LIMIT]
    codes = sorted({diagnostic.code for diagnostic in ranked})
    driver: dict[str, Any] = {"name": "octops", "rules": [{"id": code} for code in codes]}
    if version:
        driver["version"] = version
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(diagnostic, codes) for diagnostic in ranked],
            }
        ],
    }


def _result(diagnostic: Diagnostic, codes: list[str]) -> dict[str, Any]:
    text = diagnostic.summary + (f"\n{diagnostic.detail}" if diagnostic.detail else "")
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
    }
    if diagnostic.location:
        result["locations"] = [{"physicalLocation": _place(diagnostic.location)}]
    return result


def _place(place: Location) -> dict[str, Any]:
    return {
        # A file name is data: `%`, `?` and `#` in it must not change what the address means.
        "artifactLocation": {"uri": quote(place.filename, errors="replace")},
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": max(place.end_line, place.line),
            "endColumn": max(place.end_column, place.column) if place.end_line == place.line else place.end_column,
        },
    }
