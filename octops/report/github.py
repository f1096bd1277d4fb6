"""Annotations of GitHub Actions: diagnostics, and what a plan wants looked at, as workflow commands."""

from collections.abc import Iterable

from octops.errors import Diagnostic, Severity
from octops.model.plan import Plan
from octops.report.attention import attention
from octops.report.escape import workflow, workflow_property
from octops.report.summary import plan_line, runs_line
from octops.report.words import count

LIMIT = 10
"""GitHub shows this many annotations of a kind and step; what comes after is dropped without a word."""
MAX_MESSAGE = 4_000
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def annotations(diagnostics: Iterable[Diagnostic]) -> str:
    """One workflow command per diagnostic, errors first, at most ten of a kind; one notice counts the rest."""
    ordered = sorted(diagnostics, key=lambda diagnostic: diagnostic.order)
    kinds = {severity: [it for it in ordered if it.severity is severity] for severity in Severity}
    # The counting notice takes one of the ten places of the notices.
    crowded = any(len(kind) > LIMIT for kind in kinds.values())
    limits = {severity: LIMIT - (crowded and severity is Severity.NOTE) for severity in Severity}
    shown = [it for severity, kind in kinds.items() for it in kind[: limits[severity]]]
    lines = [_command(diagnostic) for diagnostic in shown]
    if rest := _rest(kinds, limits):
        lines.append(f"::notice title=octops::{workflow(rest)}")
    return "".join(f"{line}\n" for line in lines)


def _rest(kinds: dict[Severity, list[Diagnostic]], limits: dict[Severity, int]) -> str:
    left = {severity: len(kind) - limits[severity] for severity, kind in kinds.items()}
    words = [count(number, severity.value) for severity, number in left.items() if number > 0]
    return f"{' and '.join(words)} more: the log has them all" if words else ""


def _command(diagnostic: Diagnostic) -> str:
    properties = {"title": diagnostic.code}
    if place := diagnostic.location:
        properties = {"file": place.filename, "line": str(place.line), "endLine": str(place.end_line), **properties}
        # GitHub takes columns only for what stays on one line.
        if place.line == place.end_line:
            properties["col"] = str(place.column)
    order = ("file", "line", "col", "endLine", "title")
    listed = ",".join(f"{key}={workflow_property(properties[key])}" for key in order if key in properties)
    text = diagnostic.summary + (f"\n{diagnostic.detail}" if diagnostic.detail else "")
    return f"::{_COMMANDS[diagnostic.severity]} {listed}::{workflow(text[:MAX_MESSAGE])}"


def plan_annotations(plan: Plan) -> str:
    """A plan's diagnostics, one warning per task that gains something to look at, and its sums as a notice."""
    sums = "\n".join(filter(None, (plan_line(plan), runs_line(plan))))
    notices = [Diagnostic(severity=Severity.NOTE, code="plan", summary=sums)]
    for change in plan.changes:
        if points := attention(change):
            gains = "; ".join(point.sentence for point in points)
            summary = f"task `{change.task}`: {gains}"
            notices.append(Diagnostic(severity=Severity.WARNING, code="look-at-this", summary=summary))
    return annotations((*notices, *plan.diagnostics))
