"""Diagnostics as JUnit XML, the format that test reports of CI systems read: one case per file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from octops.errors import Diagnostic, Severity
from octops.report.diagnostics import diagnostics_text
from octops.report.escape import terminal, workflow_safe_lines

PROJECT = "project"
"""The case of what is wrong without standing in one file."""


def junit(diagnostics: Iterable[Diagnostic], *, strict: bool = False) -> str:
    """A case fails by its errors, with `strict` by its warnings too. A project without any problem is one good case."""
    cases: dict[str, list[Diagnostic]] = {}
    for diagnostic in sorted(diagnostics, key=lambda it: it.order):
        cases.setdefault(diagnostic.location.filename if diagnostic.location else PROJECT, []).append(diagnostic)
    bad = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    rows = [_case(name, found, bad) for name, found in (cases or {PROJECT: []}).items()]
    failures = sum(any(it.severity in bad for it in found) for found in cases.values())
    totals = f'tests="{len(rows)}" failures="{failures}" errors="0"'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    suite = f'<testsuite name="octops validate" {totals}>\n{"".join(rows)}</testsuite>\n'
    return f'{head}<testsuites name="octops" {totals}>\n{suite}</testsuites>\n'


def _case(name: str, found: Sequence[Diagnostic], bad: tuple[Severity, ...]) -> str:
    failing = [it for it in found if it.severity in bad]
    others = [it for it in found if it.severity not in bad]
    head = f"<testcase classname={_attribute('octops.validate')} name={_attribute(name)}"
    if not found:
        return f"{head}/>\n"
    inside = ""
    if failing:
        message = _attribute(failing[0].summary)
        inside += f'<failure type="{failing[0].severity.value}" message={message}>{_text(failing)}</failure>\n'
    if others:
        inside += f"<system-out>{_text(others)}</system-out>\n"
    return f"{head}>\n{inside}</testcase>\n"


def _attribute(text: str) -> str:
    # XML has no way to write a control character: they are spelled out as on a terminal.
    return quoteattr(workflow_safe_lines(terminal(text)))


def _text(diagnostics: Sequence[Diagnostic]) -> str:
    return escape(diagnostics_text(diagnostics))
