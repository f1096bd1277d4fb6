"""Annotations of GitHub Actions: diagnostics, and what a plan wants looked at, as workflow commands."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from octops.errors import Diagnostic, Location, Severity
from octops.model.ids import TaskId
from octops.model.plan import Change, Plan
from octops.report.attention import Point, attention
from octops.report.escape import workflow, workflow_property
from octops.report.summary import plan_line, runs_line
from octops.report.words import count

LIMIT = 10
"""GitHub shows this many annotations of a kind and step and drops the others without a word."""
MAX_MESSAGE = 4_000
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_RANKS = tuple(Severity)


def annotations(diagnostics: Iterable[Diagnostic]) -> str:
    """One workflow command per diagnostic: errors before warnings before notes, then by place.

    At most ten in all; where there are more, the tenth is a notice that counts the rest.
    """
    return _shown(sorted(diagnostics, key=_rank))


def _rank(diagnostic: Diagnostic) -> tuple[int, tuple[str, int, int, str, str]]:
    return _RANKS.index(diagnostic.severity), diagnostic.order


def _shown(ranked: Sequence[Diagnostic]) -> str:
    shown = ranked if len(ranked) <= LIMIT else ranked[: LIMIT - 1]
    lines = [_command(diagnostic) for diagnostic in shown]
    if rest := _rest(ranked[len(shown) :]):
        lines.append(f"::notice title=octops::{workflow(rest)}")
    return "".join(f"{line}\n" for line in lines)


def _rest(left: Sequence[Diagnostic]) -> str:
    numbers = Counter(diagnostic.severity for diagnostic in left)
    words = [count(numbers[severity], severity.value) for severity in Severity if numbers[severity]]
    return f"{' and '.join(words)} more: `--format text` tells them all" if words else ""


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


def plan_annotations(plan: Plan, places: Mapping[TaskId, Location] | None = None) -> str:
    """A plan's diagnostics, one warning per task that gains something to look at, and its sums as a notice.

    `places` says on which line the change of a task is seen.
    """
    sums = "\n".join(filter(None, (plan_line(plan), runs_line(plan))))
    first = sorted((it for it in plan.diagnostics if it.severity is not Severity.NOTE), key=_rank)
    notes = sorted((it for it in plan.diagnostics if it.severity is Severity.NOTE), key=_rank)
    gains = (_gain(change.task, points, (places or {}).get(change.task)) for change, points in _by_reach(plan.changes))
    return _shown((*first, *gains, *notes)) + f"::notice title=plan::{workflow(sums)}\n"


def _by_reach(changes: Sequence[Change]) -> list[tuple[Change, tuple[Point, ...]]]:
    """The changes with something to look at; first those that between them show every kind of it."""
    seen: set[str] = set()
    first: list[tuple[Change, tuple[Point, ...]]] = []
    later: list[tuple[Change, tuple[Point, ...]]] = []
    for change in changes:
        if points := attention(change):
            kinds = {point.kind for point in points}
            (later if kinds <= seen else first).append((change, points))
            seen |= kinds
    return first + later


def _gain(task: TaskId, points: Sequence[Point], place: Location | None) -> Diagnostic:
    return Diagnostic(
        severity=Severity.WARNING,
        code="look-at-this",
        summary=f"task `{task}`: {'; '.join(point.sentence for point in points)}",
        location=place,
    )
