"""What `octops demo` tells between its steps: the heart of a plan, the answer of a run, where its record stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from octops.model.plan import Plan
from octops.model.run import Record
from octops.report.escape import terminal, terminal_lines, workflow_safe_lines
from octops.report.paint import Style, paint
from octops.report.run_text import run_lines
from octops.report.summary import cost_line, plan_line, runs_line, zones
from octops.report.words import count

_LONGEST_ANSWER = 30


def heading(number: int, text: str, *, color: bool = False) -> str:
    return "\n" + paint(f"{number}. {text}", Style.HEADING, color) + "\n"


def plan_heart(plan: Plan, *, color: bool = False) -> str:
    """What would run and touch, and the sums; the definitions themselves are only counted."""
    zone_of = zones(plan)
    lines = [line for run in plan.runs for line in (*run_lines(run, zone_of.get(run.task, "UTC"), color), "")]
    sums = [line for line in (plan_line(plan), runs_line(plan), cost_line(plan)) if line]
    return workflow_safe_lines("\n".join([*lines, *(paint(line, Style.HEADING, color) for line in sums)]) + "\n")


def answer_text(record: Record, *, color: bool = False) -> str:
    """The answer, indented, so that nothing in it can look like a part of ours; or why there is none."""
    return workflow_safe_lines("\n".join(_answer(record, color)) + "\n")


def _answer(record: Record, color: bool) -> Iterator[str]:
    yield f"  {paint(terminal(record.run), Style.HEADING, color)} {_seconds(record)}"
    lines = terminal_lines(record.text.strip("\n")).split("\n") if record.text else []
    yield from (f"    {line}" if line else "" for line in lines[:_LONGEST_ANSWER])
    if len(lines) > _LONGEST_ANSWER:
        yield f"    … {len(lines) - _LONGEST_ANSWER} more lines"
    if record.failure is not None:
        yield f"    failed ({record.failure.kind.value}): {terminal(record.failure.message)}"
        yield f"    help: {terminal(record.failure.hint)}" if record.failure.hint else ""


def _seconds(record: Record) -> str:
    if record.started_at is None:
        return record.status.value
    took = (record.finished_at - record.started_at).total_seconds()
    usage = record.usage
    tokens = f"{count(usage.input_tokens, 'token')} in, {usage.output_tokens:,} out"
    return f"{record.status.value} in {took:.0f} s by {terminal(record.model_answered or record.model_asked)}, {tokens}"


def record_text(branch: str, commit: str, paths: Iterable[str], remote: str) -> str:
    """Where the records stand; `paths` are files of the branch."""
    lines = [f"  branch  {terminal(branch)} on {terminal(remote)}", f"  commit  {terminal(commit)}"]
    lines += [f"  record  {terminal(path)}" for path in paths]
    return workflow_safe_lines("\n".join(lines) + "\n")
