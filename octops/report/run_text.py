"""One planned run in lines: what is done about it and why, when it was meant, what it can touch."""

from __future__ import annotations

from collections.abc import Iterator

from octops.model.plan import PlannedRun, RunAction
from octops.report.attention import effect_points
from octops.report.change_text import run_estimate_words
from octops.report.escape import terminal
from octops.report.paint import Style, paint
from octops.report.summary import slots_of
from octops.report.words import lateness, local_time, reason, slots_between

_LOOKS = {
    RunAction.RUN: (">", "will run", Style.ADD),
    RunAction.RESUME: (">", "will be resumed", Style.ADD),
    RunAction.SKIP: (".", "will be skipped", Style.QUIET),
    RunAction.BLOCKED: ("x", "is blocked", Style.REMOVE),
}


def run_lines(run: PlannedRun, zone: str, color: bool) -> Iterator[str]:
    symbol, verb, style = _LOOKS[run.action]
    yield f"  {paint(symbol, style, color)} {paint(terminal(run.id), Style.HEADING, color)} {verb}: {why(run)}"
    yield from (f"      {name:<9} {text}" for name, text in _facts(run, zone))


def why(run: PlannedRun) -> str:
    """The reason in plain words, on one line, for a terminal."""
    return terminal(reason(run.reason))


def when(run: PlannedRun, zone: str) -> str:
    """The slot in the task's zone and in UTC, and how late it is; a started run has no slot."""
    if run.scheduled_at is None:
        return "started by hand"
    shifted = run.due_at is not None and run.due_at != run.scheduled_at
    start = f", to start at {local_time(run.due_at, zone)}" if shifted and run.due_at else ""
    starts = run.action in (RunAction.RUN, RunAction.RESUME, RunAction.BLOCKED)
    late = f", {lateness(run.lateness_seconds)}" if starts else ""
    return f"{local_time(run.scheduled_at, zone)}{start}{late}"


def covered(run: PlannedRun, zone: str) -> str:
    """`4 slots, from … to …` where one record stands for several."""
    if slots_of(run) < 2:
        return ""
    first, last = min(run.covers), max((*run.covers, *filter(None, (run.scheduled_at,))))
    return slots_between(slots_of(run), run.covers_from, first, last, zone)


def _facts(run: PlannedRun, zone: str) -> Iterator[tuple[str, str]]:
    yield "slot", when(run, zone)
    if several := covered(run, zone):
        yield "covers", several
    if run.action not in (RunAction.RUN, RunAction.RESUME):
        return
    for point in effect_points(run.effects):
        yield point.kind, terminal(point.text)
    if run.estimate:
        yield "estimate", run_estimate_words(run.estimate)
