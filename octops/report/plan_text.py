"""A plan on a terminal, in Terraform's look: what is newly reached, what changes, what runs, what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from octops.model.plan import Plan, Upcoming
from octops.model.task import TaskStatus
from octops.report.attention import attention
from octops.report.change_text import change_lines
from octops.report.escape import terminal, workflow_safe_lines
from octops.report.paint import Style, paint
from octops.report.run_text import run_lines
from octops.report.summary import NO_CHANGES, cost_line, plan_line, runs_line, zones
from octops.report.texts import TextChange, text_changes
from octops.report.words import count, local_time

NEXT_SLOTS = 3
MAX_UPCOMING = 20


def plan_text(plan: Plan, *, color: bool = False) -> str:
    """The whole plan, every change and run of it. Its diagnostics are not in it: they go to stderr."""
    sections = [_seen_from(plan), *_new_effects(plan, color), *_changes(plan, color), *_runs(plan, color)]
    sections += [*_upcoming(plan, color), _sums(plan, color)]
    return workflow_safe_lines("\n\n".join(sections) + "\n")


def _seen_from(plan: Plan) -> str:
    revision = f"revision {terminal(plan.revision[:12])}" if plan.revision else "files outside any commit"
    dirty = " and changes not committed yet" if plan.dirty and plan.revision else ""
    other = f"the ledger at {terminal(plan.ledger[:12])}" if plan.ledger else "an empty ledger"
    if plan.base:
        other = f"revision {terminal(plan.base[:12])}"
    return f"octops compared {revision}{dirty} with {other}, at {local_time(plan.as_of, 'UTC')}."


def _new_effects(plan: Plan, color: bool) -> Iterator[str]:
    lines = []
    for change in plan.changes:
        points = attention(change)
        lines += [f"  task.{terminal(change.task)}"] if points else []
        mark = paint("!", Style.WARNING, color)
        lines += [f"    {mark} {point.kind:<9} {terminal(point.text)}" for point in points]
    if lines:
        yield "\n".join([paint("Look at these first:", Style.HEADING, color), *lines])


def _changes(plan: Plan, color: bool) -> Iterator[str]:
    shown = [change for change in plan.changes if change.action.value != "no-op" or change.moved_from]
    if not shown:
        return
    texts: dict[str, list[TextChange]] = {}
    for text in text_changes(shown):
        for task in text.tasks:
            texts.setdefault(task, []).append(text)
    yield paint("octops will make these changes:", Style.HEADING, color)
    for change in shown:
        yield "\n".join(change_lines(change, texts.get(change.task, ()), color))


def _runs(plan: Plan, color: bool) -> Iterator[str]:
    if plan.base or not plan.runs:
        return
    zone_of = zones(plan)
    yield paint("octops will do this about runs:", Style.HEADING, color)
    for run in plan.runs:
        yield "\n".join(run_lines(run, zone_of.get(run.task, "UTC"), color))


def _upcoming(plan: Plan, color: bool) -> Iterator[str]:
    if not plan.upcoming:
        return
    shown = plan.upcoming
    if len(shown) > MAX_UPCOMING:
        shown = tuple(sorted(shown, key=_soonest)[:MAX_UPCOMING])
    width = max(len(terminal(upcoming.task)) for upcoming in shown)
    lines = [f"  {terminal(upcoming.task):<{width}}  {_next(upcoming)}" for upcoming in shown]
    if left := len(plan.upcoming) - len(shown):
        lines.append(f"  and later {count(left, 'more task')}: `octops slots` lists them all")
    yield "\n".join([paint("Next slots:", Style.HEADING, color), *lines])


def _soonest(upcoming: Upcoming) -> tuple[float, str]:
    return upcoming.slots[0].timestamp() if upcoming.slots else inf, upcoming.task


def _next(upcoming: Upcoming) -> str:
    if upcoming.status is TaskStatus.COMPLETED:
        return "completed, no slot will come any more"
    times = [local_time(slot, upcoming.timezone) for slot in upcoming.slots[:NEXT_SLOTS]]
    return ", ".join(times) or "none in sight"


def _sums(plan: Plan, color: bool) -> str:
    first = plan_line(plan)
    if first == NO_CHANGES:
        first = f"{first} {_unchanged(plan)}"
    lines = [paint(line, Style.HEADING, color) for line in (first, runs_line(plan)) if line]
    return "\n".join([*lines, *filter(None, [cost_line(plan)])])


def _unchanged(plan: Plan) -> str:
    where = "at both commits" if plan.base else "as last applied"
    return f"{count(plan.unchanged, 'task is', 'tasks are')} the same {where}."
