"""What an apply did, for a job's summary: one line, a table of the runs, what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from octops.errors import Diagnostic, Severity
from octops.model.run import DeliveryStatus, Record, RunStatus
from octops.report.applied import conclusion
from octops.report.comment import Comment
from octops.report.escape import code, markdown
from octops.report.words import count, money

if TYPE_CHECKING:
    from octops.model.ids import RunId

LIMIT = 200_000
_RESERVE = 500
_ARRIVED = (DeliveryStatus.DELIVERED, DeliveryStatus.SUPPRESSED)


def applied_markdown(applied: Any, *, limit: int = LIMIT) -> str:
    """At most `limit` characters; what comes from outside is shown and does nothing."""
    comment = Comment(limit)
    comment.add(f"### octops apply\n\n{conclusion(applied)}\n")
    carried = applied.carried
    head = "\n| run | status | tokens | cost | deliveries |\n| --- | --- | --- | --- | --- |\n"
    left_out = comment.add_rows(head, _rows(carried.records if carried else ()), share=0.6, reserve=_RESERVE)
    if left_out:
        comment.add(f"\n{count(left_out, 'more run')} did not fit; `octops runs` lists them.\n")
    problems = (f"- {markdown(_sentence(it))}\n" for it in applied_diagnostics(applied))
    comment.add_rows("\n#### What went wrong\n\n", problems, share=0.8, reserve=_RESERVE)
    if carried and carried.not_started:
        comment.add(f"\n{_not_started(carried.not_started)}\n")
    return comment.text()


def applied_diagnostics(applied: Any) -> tuple[Diagnostic, ...]:
    """A diagnostic for each run that failed, each delivery that did not arrive, each run the ledger did not take."""
    carried = applied.carried
    if carried is None:
        return ()
    records = [it for record in carried.records for it in _of_record(record)]
    broken = [it for _, error in carried.broken for it in error.diagnostics]
    return (*records, *broken)


def _of_record(record: Record) -> Iterator[Diagnostic]:
    if record.status is RunStatus.FAILED and record.failure is not None:
        failure = record.failure
        summary = f"run `{record.run}` failed ({failure.kind.value}): {failure.message}"
        yield Diagnostic(code="run-failed", summary=summary, detail=failure.hint)
    for delivery in record.deliveries:
        if delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN):
            what = f"`{record.run}` to `{delivery.destination}` is {delivery.status.value}: {delivery.error}"
            yield Diagnostic(severity=Severity.WARNING, code="not-delivered", summary=f"delivery of {what}")


def _sentence(diagnostic: Diagnostic) -> str:
    return diagnostic.summary + (f" ({diagnostic.detail})" if diagnostic.detail else "")


def _rows(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        tokens = f"{record.usage.input_tokens + record.usage.output_tokens:,}"
        arrived = sum(delivery.status in _ARRIVED for delivery in record.deliveries)
        deliveries = f"{arrived} of {len(record.deliveries)}" if record.deliveries else ""
        cells = (code(record.run), record.status.value, tokens, money(record.usage.cost_usd), deliveries)
        yield f"| {' | '.join(cells)} |\n"


def _not_started(runs: tuple[RunId, ...]) -> str:
    return f"{count(len(runs), 'run')} had no time left and will start next time."
