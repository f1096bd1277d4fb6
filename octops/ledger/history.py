"""The ledger as the planner sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from octops.errors import Diagnostic
from octops.ledger.documents import Claim, Head, Pruned, read_document, unreadable
from octops.ledger.heads import spent
from octops.ledger.layout import HEADS, OPEN, PRUNED, head_path, open_path, slot_of, task_of
from octops.ledger.ledger import Ledger
from octops.ledger.odd_heads import ahead
from octops.ledger.outcome import Needs
from octops.model.history import History, OpenRun
from octops.model.ids import TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the ledger tells, the claims in full, and what in it could not be read."""

    history: History
    claims: tuple[Claim, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def read_history(
    ledger: Ledger, now: datetime, *, tasks: Collection[TaskId] | None = None, leases_at: datetime | None = None
) -> Remembered:
    """Heads and open claims at the ledger's tip; `now` says which day and month the money is counted for.

    With `tasks` only their heads are read; then the sums are theirs alone. `leases_at` is the real time, where `now`
    is not: claims hold by that. Refresh or recall the ledger first.
    """
    if not ledger.tip:
        return Remembered(history=History(), diagnostics=ledger.diagnostics)
    folders = (OPEN, HEADS, PRUNED) if tasks is None else (OPEN, *map(head_path, tasks))
    files = ledger.read([Needs(paths=folders)])
    heads: dict[TaskId, Head] = {}
    claims: list[Claim] = []
    pruned: Mapping[str, float] = {}
    diagnostics = list(ledger.diagnostics)
    for path, content in sorted(files.items()):
        document = _read(path, content)
        if isinstance(document, Diagnostic):
            diagnostics.append(document)
        elif isinstance(document, Pruned):
            pruned = document.spent_usd
        elif isinstance(document, Claim):
            claims.append(document)
        elif document is not None and (task := task_of(path)):
            heads[task] = document
    diagnostics += ahead(heads, now)
    day, month = spent(heads.values(), now, answers=[claim.answer for claim in claims if claim.answer], pruned=pruned)
    history = History(
        tip=ledger.tip,
        heads=heads,
        open_runs=tuple(_told(claim.open_run, now, leases_at or now) for claim in claims),
        spent_day_usd=day,
        spent_month_usd=month,
    )
    return Remembered(history=history, claims=tuple(claims), diagnostics=tuple(diagnostics))


def _told(run: OpenRun, now: datetime, leases_at: datetime) -> OpenRun:
    """Its lease by the plan's clock: what holds in real time ends in the plan's future, what has ended in its past."""
    if run.lease_until >= leases_at:
        return replace(run, lease_until=max(run.lease_until, now))
    return replace(run, lease_until=min(run.lease_until, now - timedelta(seconds=1)))


def _read(path: str, content: bytes) -> Head | Claim | Pruned | Diagnostic | None:
    if not path.endswith(".json"):
        return None
    if path.startswith(f"{OPEN}/"):
        claim = read_document(Claim, path, content)
        fits = isinstance(claim, Diagnostic) or _fits(path, claim)
        return claim if fits else unreadable(path, "it is about another run than its name says")
    return read_document(Pruned if path == PRUNED else Head, path, content)


def _fits(path: str, claim: Claim) -> bool:
    """Whether a claim says of itself what its place says: what is planned is what will be taken over."""
    task = claim.run.partition("@")[0]
    return open_path(claim.run) == path and claim.task == task and claim.scheduled_at == slot_of(claim.run)
