"""A plan as the comment of a pull request: what needs eyes first, a table, diffs to unfold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from octops.errors import Diagnostic, Severity
from octops.model.history import Definition
from octops.model.ids import TaskId, Value
from octops.model.plan import Change, ChangeAction, Plan, PlannedRun, Upcoming
from octops.report.attention import KINDS, OWN_WORDS, Point, attention
from octops.report.change_text import SYMBOLS
from octops.report.comment import MARKER, Comment
from octops.report.diff import unified_diff
from octops.report.escape import code, fence, html_code, markdown, markdown_sentence
from octops.report.run_text import covered, when
from octops.report.schedule_words import schedule_words
from octops.report.summary import NO_CHANGES, cost_line, plan_line, runs_line, zones
from octops.report.texts import RENDERED, TextChange, text_changes
from octops.report.words import count, local_time, money, reason

LIMIT = 65_536
"""What GitHub takes as one comment."""
_RESERVE = 1_000
"""Kept free for the sentences that say what was left out."""
MAX_DIFF = 12_000
FIRST_OF_A_KIND = 10
FEW = 3
SHORT = 60

_VERBS = {
    ChangeAction.CREATE: "created",
    ChangeAction.UPDATE: "updated",
    ChangeAction.DELETE: "**deleted**",
    ChangeAction.NO_OP: "unchanged",
}


def plan_markdown(plan: Plan, *, limit: int = LIMIT) -> str:
    """At most `limit` characters; what does not fit is counted in a sentence, never cut in the middle."""
    changes = [change for change in plan.changes if change.action is not ChangeAction.NO_OP or change.moved_from]
    comment = Comment(limit)
    comment.add(f"{MARKER}\n")
    if not changes and not plan.runs:
        comment.add(f"{NO_CHANGES} {_seen_from(plan)}\n")
    else:
        comment.add(f"### {plan_line(plan)}\n\n{_intro(plan)}\n")
    _add_attention(comment, changes, plan)
    _add_changes(comment, changes, plan)
    _add_notes(comment, plan)
    _add_runs(comment, plan)
    _add_texts(comment, changes, plan)
    return comment.text()


def _intro(plan: Plan) -> str:
    lines = [runs_line(plan), cost_line(plan), _seen_from(plan)]
    return "\n".join(f"{line}  " for line in lines if line).rstrip()


def _seen_from(plan: Plan) -> str:
    revision = code(plan.revision[:12]) if plan.revision else "files outside any commit"
    dirty = " and changes not committed yet" if plan.dirty else ""
    ledger = f"the ledger at {code(plan.ledger[:12])}" if plan.ledger else "an empty ledger"
    return f"octops compared {revision}{dirty} with {code(plan.base[:12]) if plan.base else ledger}."


def _command(plan: Plan) -> str:
    """What prints the same on a terminal, whole."""
    return code(f"octops plan --base {plan.base[:12]}" if plan.base else "octops plan")


def _add_attention(comment: Comment, changes: list[Change], plan: Plan) -> None:
    warned = [_remark(it) for it in plan.diagnostics if it.severity is not Severity.NOTE]
    ranked = [warned, *_points(changes)]
    # Each kind is seen before any is shown whole.
    rows = [row for kind in ranked for row in kind[:FIRST_OF_A_KIND]]
    rows += [row for kind in ranked for row in kind[FIRST_OF_A_KIND:]]
    left_out = comment.add_rows("\n#### Look at these first\n\n", rows, share=0.35, reserve=_RESERVE)
    if left_out:
        comment.add(f"\n**{count(left_out, 'more thing')} to look at did not fit: run {_command(plan)} to see all.**\n")


def _points(changes: list[Change]) -> Iterator[list[str]]:
    """The rows of each kind, the most far-reaching kind first; what many tasks gain is one row."""
    tasks: dict[tuple[Point, TaskId | None], list[TaskId]] = {}
    for change in changes:
        for point in attention(change):
            alone = change.task if point.kind in OWN_WORDS else None
            tasks.setdefault((point, alone), []).append(change.task)
    for kind in KINDS:
        yield [f"- {_names(ids)}: {_point(point)}\n" for (point, _), ids in tasks.items() if point.kind == kind]


def _names(tasks: Sequence[TaskId]) -> str:
    named = ", ".join(code(f"task.{task}") for task in tasks[:FEW])
    return named if len(tasks) <= FEW else f"{named} and {count(len(tasks) - FEW, 'more task')}"


def _point(point: Point) -> str:
    return point.text if point.kind in OWN_WORDS else f"new {point.kind} {code(point.text)}"


def _remark(diagnostic: Diagnostic) -> str:
    place = diagnostic.location
    where = f"{code(f'{place.filename}:{place.line}')}: " if place else ""
    words = f"{diagnostic.summary}; {diagnostic.detail}" if diagnostic.detail else diagnostic.summary
    return f"- {where}{markdown_sentence(words)}\n"


def _add_notes(comment: Comment, plan: Plan) -> None:
    rows = (_remark(it) for it in plan.diagnostics if it.severity is Severity.NOTE)
    left_out = comment.add_rows("\n#### Notes\n\n", rows, share=0.3, reserve=_RESERVE)
    if left_out:
        comment.add(f"\n{count(left_out, 'more note')} did not fit into this comment.\n")


def _add_changes(comment: Comment, changes: list[Change], plan: Plan) -> None:
    if not changes:
        return
    coming = {upcoming.task: upcoming for upcoming in plan.upcoming}
    rows = (_change_row(change, coming.get(change.task)) for change in changes)
    head = "\n| | task | what changes | next run | a month |\n| --- | --- | --- | --- | --- |\n"
    left_out = comment.add_rows(head, rows, share=0.5, reserve=_RESERVE)
    if left_out:
        comment.add(f"\n{count(left_out, 'more changed task')} did not fit into this comment.\n")


def _change_row(change: Change, upcoming: Upcoming | None) -> str:
    symbol = code(SYMBOLS[change.action]) if change.action is not ChangeAction.NO_OP else ""
    slots = upcoming.slots if upcoming else ()
    following = local_time(slots[0], upcoming.timezone) if upcoming and slots else "none"
    return f"| {symbol} | {code(change.task)} | {_what(change)} | {following} | {_month(change)} |\n"


def _what(change: Change) -> str:
    moved = f"renamed from {code(change.moved_from)}" if change.moved_from else ""
    facets = ", ".join(_facet(change, it) for it in change.modified) if change.action is ChangeAction.UPDATE else ""
    verb = "" if moved and not facets else _VERBS[change.action]
    why = markdown(reason(change.reason))
    return ", ".join(filter(None, (moved, f"{verb}: {facets}" if facets else verb, why)))


def _facet(change: Change, facet: str) -> str:
    """The facet; with both values where they are a few words: a status, a model, a time zone, a schedule."""
    if facet == "schedule" and change.before and change.after:
        was, now = (code(schedule_words(it.document)) for it in (change.before, change.after))
        return f"{code(facet)} {was} → {now}"
    before, after = (_value(it, facet) for it in (change.before, change.after))
    if isinstance(before, str) and isinstance(after, str) and before != after and len(before + after) <= SHORT:
        return f"{code(facet)} {code(before)} → {code(after)}"
    return code(facet)


def _value(definition: Definition | None, facet: str) -> Value:
    return definition.document.get(facet) if definition and facet not in definition.texts else None


def _month(change: Change) -> str:
    before, after = change.estimate_before, change.estimate
    if before is None or (after and after.month_usd == before.month_usd):
        return money(after.month_usd) if after else ""
    return f"{money(before.month_usd)} → {money(after.month_usd if after else 0)}"


def _add_runs(comment: Comment, plan: Plan) -> None:
    if not plan.runs:
        return
    head = "\n| run | what | why | slot |\n| --- | --- | --- | --- |\n"
    left_out = comment.add_rows(head, _run_rows(plan.runs, zones(plan)), share=0.4, reserve=_RESERVE)
    if left_out:
        comment.add(f"\n{count(left_out, 'more run')} did not fit into this comment.\n")


def _run_rows(runs: Iterable[PlannedRun], zone_of: Mapping[TaskId, str]) -> Iterator[str]:
    for run in runs:
        zone = zone_of.get(run.task, "UTC")
        slot = covered(run, zone) or when(run, zone)
        yield f"| {code(run.id)} | {run.action.value} | {markdown(reason(run.reason))} | {slot} |\n"


def _add_texts(comment: Comment, changes: list[Change], plan: Plan) -> None:
    # What people wrote first; what the placeholders make of it repeats most of that.
    texts = sorted(text_changes(changes), key=lambda text: text.name == RENDERED)
    for at, text in enumerate(texts):
        if not comment.add(_unfolding(text, plan), reserve=_RESERVE):
            left = count(len(texts) - at, "text difference")
            comment.add(f"\nCut here: {left} more did not fit into this comment; run {_command(plan)} to see them.\n")
            return


def _unfolding(text: TextChange, plan: Plan) -> str:
    others = f" and {count(len(text.tasks) - 1, 'more task')}" if len(text.tasks) > 1 else ""
    name = f"{html_code('prompt')} filled in as of {local_time(plan.as_of, 'UTC')}"
    name = name if text.name == RENDERED else html_code(text.name)
    title = f"{html_code(f'task.{text.tasks[0]}')}{others}: {name}{'' if text.before else ' (new)'}"
    lines = unified_diff(text.before, text.after)
    body = fence("".join(f"{line}\n" for line in lines), "diff", limit=MAX_DIFF)
    return f"\n<details><summary>{title}</summary>\n\n{body}\n</details>\n"
