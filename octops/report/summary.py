"""The sums of a plan in one line each, in Terraform's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from octops.model.ids import TaskId
from octops.model.plan import Change, ChangeAction, Estimate, Plan, PlannedRun, RunAction
from octops.report.words import count, money
from octops.schedule.zone import is_zone

NO_CHANGES = "No changes."


def plan_line(plan: Plan) -> str:
    """`Plan: 1 to add, 1 to change, 0 to destroy.`, or `No changes.`"""
    actions = Counter(change.action for change in plan.changes)
    moved = sum(change.moved_from is not None for change in plan.changes)
    if not moved and actions.keys() <= {ChangeAction.NO_OP}:
        return NO_CHANGES
    numbers = ((ChangeAction.CREATE, "add"), (ChangeAction.UPDATE, "change"), (ChangeAction.DELETE, "destroy"))
    sums = [f"{actions[action]:,} to {word}" for action, word in numbers]
    return f"Plan: {', '.join([f'{moved:,} to move', *sums] if moved else sums)}."


def runs_line(plan: Plan) -> str:
    """`Runs: 3 due (1 late), 1 missed, 1 blocked.`; empty when two commits are compared or there is nothing to do."""
    if plan.base or plan.empty:
        return ""
    actions = Counter(run.action for run in plan.runs)
    due = actions[RunAction.RUN] + actions[RunAction.RESUME]
    late = sum(is_late(run) for run in plan.runs)
    missed = sum(slots_of(run) for run in plan.runs if run.action is RunAction.SKIP)
    more = "more than " if any(run.covers_from for run in plan.runs) else ""
    parts = [f"{due:,} due" + (f" ({late:,} late)" if late else ""), f"{more}{missed:,} missed"]
    return f"Runs: {', '.join([*parts, f'{actions[RunAction.BLOCKED]:,} blocked'])}."


def cost_line(plan: Plan) -> str:
    """What the due runs, and a month of the changed tasks, are estimated to cost; empty when neither is known of."""
    due = [run.estimate for run in plan.runs if run.action is RunAction.RUN and run.estimate]
    changed = [change.estimate for change in plan.changes if change.estimate]
    before = [change.estimate_before for change in plan.changes if change.estimate_before]
    parts = [f"{_sum(estimate.cost_usd for estimate in due)} for these runs"] if due and not plan.base else []
    if changed:
        month = f"{_month(changed)} a month for the changed tasks"
        parts.append(f"{month} (before: {_month(before)})" if before else month)
    return f"Estimated: {', '.join(parts)}." if parts else ""


def _month(estimates: Iterable[Estimate]) -> str:
    return _sum(estimate.month_usd for estimate in estimates)


def _sum(costs: Iterable[float | None]) -> str:
    every = list(costs)
    known = [cost for cost in every if cost is not None]
    if not known:
        return "an unknown price"
    unknown = len(every) - len(known)
    return money(sum(known)) + (f" and {count(unknown, 'unknown price')}" if unknown else "")


def is_late(run: PlannedRun) -> bool:
    """It would start, and later than its slot should have."""
    return run.action in (RunAction.RUN, RunAction.RESUME) and run.reason in ("late", "catch_up")


def slots_of(run: PlannedRun) -> int:
    """How many slots one record stands for."""
    return len({*run.covers, run.scheduled_at} - {None})


def zones(plan: Plan) -> Mapping[TaskId, str]:
    """The zone of every task the plan knows one of; times of the others are told in UTC."""
    declared = {change.task: _zone_of(change) for change in plan.changes}
    return {**declared, **{upcoming.task: upcoming.timezone for upcoming in plan.upcoming}}


def _zone_of(change: Change) -> str:
    definition = change.after or change.before
    zone = definition.document.get("timezone") if definition else None
    # The ledger's words are not checked as the files' are.
    return zone if isinstance(zone, str) and is_zone(zone) else "UTC"
