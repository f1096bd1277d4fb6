"""One changed definition in Terraform's look: a comment, a symbol, attributes, diffs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from octops.model.history import Definition
from octops.model.ids import Value
from octops.model.plan import Change, ChangeAction, Estimate
from octops.report.diff import unified_diff
from octops.report.escape import terminal
from octops.report.paint import Style, paint
from octops.report.texts import TextChange
from octops.report.words import count, money, per_month, reason

MAX_LINES = 400
MAX_VALUE = 600

SYMBOLS = {ChangeAction.CREATE: "+", ChangeAction.UPDATE: "~", ChangeAction.DELETE: "-", ChangeAction.NO_OP: " "}
_VERBS = {
    ChangeAction.CREATE: "will be created",
    ChangeAction.UPDATE: "will be updated in-place",
    ChangeAction.DELETE: "will be destroyed",
    ChangeAction.NO_OP: "stays as it is",
}
_STYLES = {"+": Style.ADD, "~": Style.CHANGE, "-": Style.REMOVE, "@": Style.QUIET}
_BASES = {"ledger": "by past runs", "text": "by the length of the texts"}


def change_lines(change: Change, texts: Sequence[TextChange], color: bool) -> Iterator[str]:
    """`texts` are those of this change; one that was shown with an earlier task is only pointed at."""
    symbol = SYMBOLS[change.action]
    yield "  " + paint(_heading(change), Style.HEADING, color)
    yield f'  {_symbol(symbol, color)} task "{terminal(change.task)}" {{'
    inside = [
        *_attributes(change, symbol, texts, color),
        *(line for text in texts for line in _text(change, text, color)),
    ]
    yield from (f"      {line}" if line else "" for line in inside)
    if change.estimate:
        yield f"      # {estimate_words(change.estimate, change.estimate_before)}"
    yield "    }"


def _heading(change: Change) -> str:
    if change.moved_from and change.action is ChangeAction.NO_OP:
        return f"# task.{terminal(change.moved_from)} has moved to task.{terminal(change.task)}"
    notes = []
    if change.moved_from:
        notes.append(f"moved from task.{terminal(change.moved_from)}")
    if change.action is ChangeAction.UPDATE and change.modified:
        notes.append(f"modified: {terminal(', '.join(change.modified))}")
    if change.reason:
        notes.append(terminal(reason(change.reason)))
    return f"# task.{terminal(change.task)} {_VERBS[change.action]}" + (f" ({'; '.join(notes)})" if notes else "")


def _symbol(symbol: str, color: bool) -> str:
    return paint(symbol, _STYLES.get(symbol[:1]), color)


def _attributes(change: Change, symbol: str, texts: Sequence[TextChange], color: bool) -> Iterator[str]:
    before, after = _document(change.before), _document(change.after)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    elsewhere = [name for name in change.modified if name not in names and not _told(name, texts)]
    width = max((len(terminal(name)) for name in (*names, *elsewhere)), default=0)
    for name in names:
        sign, value = _difference(name, before, after, symbol)
        yield f"{_symbol(sign, color)} {terminal(name):<{width}} = {value}"
    for name in elsewhere if change.action is ChangeAction.UPDATE else ():
        yield f"{_symbol('~', color)} {terminal(name):<{width}} = (what it refers to has changed)"


def _told(facet: str, texts: Sequence[TextChange]) -> bool:
    return any(text.name == facet or text.name.startswith(f"{facet.removesuffix('s')}:") for text in texts)


def _document(definition: Definition | None) -> Mapping[str, Value]:
    if definition is None:
        return {}
    return {name: value for name, value in definition.document.items() if name not in definition.texts}


def _difference(name: str, before: Mapping[str, Value], after: Mapping[str, Value], symbol: str) -> tuple[str, str]:
    if name not in before:
        return "+", _value(after[name])
    if name not in after:
        return "-", _value(before[name]) + (" -> null" if symbol == "~" else "")
    return "~", f"{_value(before[name])} -> {_value(after[name])}"


def _value(value: Value) -> str:
    text = terminal(json.dumps(value, ensure_ascii=False, default=dict))
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}… ({len(text) - MAX_VALUE:,} more characters)"


def _text(change: Change, text: TextChange, color: bool) -> Iterator[str]:
    sign = "~" if text.before else "+"
    if text.tasks[0] != change.task:
        yield f"{_symbol(sign, color)} {terminal(text.name)}: as in task.{terminal(text.tasks[0])} above"
        return
    yield f"{_symbol(sign, color)} {terminal(text.name)}:"
    lines = unified_diff(text.before, text.after)
    # A new text has no other side: its one hunk head says nothing.
    lines = lines if text.before else lines[1:]
    for line in lines[:MAX_LINES]:
        yield f"    {paint(terminal(line), _STYLES.get(line[:1]), color)}" if line.strip() else ""
    if len(lines) > MAX_LINES:
        yield f"    … {count(len(lines) - MAX_LINES, 'more line')}"


def estimate_words(estimate: Estimate, before: Estimate | None = None) -> str:
    """`about 1,200 tokens in and 500 out, $0.011 a run; 30 runs a month, $0.32 (before: $0.20)`."""
    once = run_estimate_words(estimate)
    if not estimate.runs_per_month:
        return once
    was = f" (before: {money(before.month_usd)})" if before and before.month_usd != estimate.month_usd else ""
    return f"{once}; {per_month(estimate.runs_per_month)}, {money(estimate.month_usd)}{was}"


def run_estimate_words(estimate: Estimate) -> str:
    """Tokens and price of one run, and where the figures come from."""
    tokens = f"about {count(estimate.input_tokens, 'token')} in and {estimate.output_tokens:,} out"
    basis = _BASES.get(estimate.basis, f"by {terminal(estimate.basis)}")
    return f"{tokens} {basis}, {_price(estimate.cost_usd)} a run"


def _price(usd: float | None) -> str:
    return "at an unknown price" if usd is None else money(usd)
