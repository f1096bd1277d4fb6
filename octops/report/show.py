"""One run whole, for `octops show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from octops.errors import Diagnostic
from octops.model.run import Delivery, Record, RunStatus, ToolUse, Turn, Usage
from octops.report.diagnostics import diagnostics_json
from octops.report.escape import terminal, terminal_lines, workflow_safe_lines
from octops.report.paint import Style, paint
from octops.report.runs import STYLES, UNDELIVERED
from octops.report.words import (
    arguments_text,
    count,
    duration,
    lateness,
    local_time,
    money,
    reason,
    slots_between,
)

PENDING = "requested"
"""The phase of a run somebody asked for and nobody has started."""
_PHASES = {
    PENDING: "nobody has started it; the next `octops apply` does",
    "claimed": "the model is being asked",
    "answered": "the answer is stored and waits to be delivered",
    "delivering": "the answer is being delivered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The claim of a run that has not ended. `abandoned`: its lease ended and nobody took it over."""

    phase: str
    runner: str
    """Who has it; of a pending one, who asked for it."""
    claimed_at: datetime
    lease_until: datetime
    abandoned: bool = False

    @property
    def pending(self) -> bool:
        return self.phase == PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A run's record, or of a running one what is known of it so far; then `finished_at` means nothing."""

    record: Record
    document: Mapping[str, Any] = field(default_factory=dict)
    """The same as JSON, as `schemas/run.schema.json` describes it."""
    running: Running | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def show_json(shown: Shown) -> dict[str, Any]:
    return {"run": dict(shown.document), "diagnostics": diagnostics_json(shown.diagnostics)}


def show_text(shown: Shown, *, zone: str = "UTC", color: bool = False) -> str:
    """For people: texts are indented, so that nothing in them can look like a part of ours."""
    record = shown.record
    style = STYLES.get(record.status)
    lines = [f"{paint(terminal(record.run), Style.HEADING, color)} {paint(record.status.value, style, color)}"]
    lines += [f"  {name:<10} {text}" for name, text in _facts(shown, zone)]
    lines += [*_failure(record, color), *_conversation(record, color), *_answer(record, color)]
    lines += [*_deliveries(record, zone, color), *_provenance(record, color)]
    return workflow_safe_lines("\n".join(lines) + "\n")


def usage_words(usage: Usage) -> str:
    """`1,840 tokens in, 312 out, $0.0102`."""
    price = "at an unknown price" if usage.cost_usd is None else money(usage.cost_usd)
    return f"{count(usage.input_tokens, 'token')} in, {usage.output_tokens:,} out, {price}"


def call_words(use: ToolUse) -> str:
    """`source__tool {"path": "a"}` on one line, escaped; what is no JSON object as it was written."""
    return terminal(f"{use.call.name} {arguments_text(use.call)}")


def turn_words(turn: Turn) -> str:
    """`2.4 s, 1,840 tokens in, 312 out, $0.0102, stopped: stop`."""
    return f"{turn.seconds:.1f} s, {usage_words(turn.reply.usage)}, stopped: {terminal(turn.reply.stop_reason)}"


def _facts(shown: Shown, zone: str) -> Iterator[tuple[str, str]]:
    record, running = shown.record, shown.running
    skipped = record.status is RunStatus.SKIPPED
    if record.scheduled_at:
        late = "" if skipped else f", {lateness(record.lateness_seconds)}"
        yield "slot", f"{local_time(record.scheduled_at, zone)}{late}"
    if record.reason:
        yield "because", terminal(reason(record.reason))
    if len(record.covers) > 1:
        first, last = min(record.covers), max(record.covers)
        yield "covers", slots_between(len(record.covers), record.covers_from, first, last, zone)
    yield "trigger", terminal(record.trigger) + (f", attempt {record.attempt}" if record.attempt > 1 else "")
    if running:
        yield from _claim(running, zone)
    else:
        yield from _times(record, zone)
    if record.model_asked or record.model_answered:
        yield "model", _model(record)
    if not skipped and (running is None or record.turns):
        yield "usage", usage_words(record.usage)
    if record.earlier_usage:
        yield "before", f"{usage_words(record.earlier_usage)}, by attempts that were cut off"
    yield from (("parameter", terminal(f"{name}={value}")) for name, value in sorted(record.parameters.items()))


def _claim(running: Running, zone: str) -> Iterator[tuple[str, str]]:
    begun = local_time(running.claimed_at, zone)
    if running.pending:
        yield "asked for", f"{begun} by {terminal(running.runner)}"
        yield "phase", _PHASES[running.phase]
        return
    yield "started", begun
    yield "phase", terminal(_PHASES.get(running.phase, running.phase))
    yield "runner", terminal(running.runner)
    until = local_time(running.lease_until, zone)
    gone = f"ended {until}; the next `octops apply` takes the run over"
    yield "lease", gone if running.abandoned else f"until {until}"


def _times(record: Record, zone: str) -> Iterator[tuple[str, str]]:
    took = ""
    if record.started_at:
        yield "started", local_time(record.started_at, zone)
        took = f", after {duration((record.finished_at - record.started_at).total_seconds())}"
    yield "ended", f"{local_time(record.finished_at, zone)}{took}"


def _model(record: Record) -> str:
    asked, answered = terminal(record.model_asked), terminal(record.model_answered)
    if not answered or answered == asked:
        return asked or answered
    return f"{asked}, answered by {answered}" if asked else answered


def _failure(record: Record, color: bool) -> Iterator[str]:
    if failure := record.failure:
        yield ""
        yield f"{paint(f'error[{failure.kind.value}]', Style.ERROR, color)}: {terminal(failure.message)}"
        if failure.hint:
            yield f"  {paint('= help:', Style.PLACE, color)} {terminal(failure.hint)}"


def _conversation(record: Record, color: bool) -> Iterator[str]:
    for message in record.messages:
        yield from _section(f"{terminal(message.role)}:", message.text, color)
    for number, turn in enumerate(record.turns, start=1):
        # The last reply is the answer, which has a section of its own.
        said = "" if turn.reply.text == record.text and number == len(record.turns) else turn.reply.text
        yield from _section(f"turn {number}: {turn_words(turn)}", said, color)
        for use in turn.uses:
            verdict = ", an error" if use.result.is_error else ""
            yield f"  > {call_words(use)} ({use.seconds:.1f} s{verdict})"
            yield from _indented(use.result.text, "      ")


def _answer(record: Record, color: bool) -> Iterator[str]:
    if record.text:
        yield from _section(f"answer ({terminal(record.format)}):", record.text, color)


def _section(title: str, text: str, color: bool) -> Iterator[str]:
    yield ""
    yield paint(title, Style.HEADING, color)
    yield from _indented(text, "  ")


def _indented(text: str, margin: str) -> Iterator[str]:
    if text.strip("\n"):
        yield from (f"{margin}{line}" if line else "" for line in terminal_lines(text.rstrip("\n")).split("\n"))


def _deliveries(record: Record, zone: str, color: bool) -> Iterator[str]:
    if not record.deliveries:
        return
    yield ""
    yield paint("deliveries:", Style.HEADING, color)
    for delivery in record.deliveries:
        style = Style.ERROR if delivery.status in UNDELIVERED else None
        where = terminal(f"{delivery.destination}: {delivery.recipient}")
        yield f"  {where} {paint(delivery.status.value, style, color)}{_when(delivery, zone)}"
        yield from (f"      {name:<6} {terminal(text)}" for name, text in _said(delivery))


def _when(delivery: Delivery, zone: str) -> str:
    at = f" {local_time(delivery.updated_at, zone)}" if delivery.updated_at else ""
    return at + (f", {count(delivery.attempts, 'attempt')}" if delivery.attempts > 1 else "")


def _said(delivery: Delivery) -> Iterator[tuple[str, str]]:
    yield "id", delivery.id
    if delivery.proof:
        yield "proof", delivery.proof
    if delivery.error:
        yield "error", delivery.error


def _provenance(record: Record, color: bool) -> Iterator[str]:
    made = record.provenance
    facts = {
        "revision": made.revision + (" and changes not committed" if made.dirty else ""),
        "task": made.task_hash,
        **{f"skill {skill}": hashed for skill, hashed in sorted(made.skill_hashes.items())},
        "prompt": made.prompt_hash,
        "tools": made.tools_hash,
        "octops": made.octops,
        "tzdata": made.tzdata,
        "runner": made.runner,
    }
    known = {terminal(name): terminal(text) for name, text in facts.items() if text}
    if known:
        yield ""
        yield paint("provenance:", Style.HEADING, color)
        width = max(map(len, known))
        yield from (f"  {name:<{width}}  {text}" for name, text in known.items())
