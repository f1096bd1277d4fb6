"""Is the ledger sound, and may this clone write it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from octops.errors import Diagnostic, GitError, Severity
from octops.ledger.documents import Claim, Head, read_document
from octops.ledger.heads import is_settled
from octops.ledger.layout import HEADS, MARKER, OPEN, RUNS, run_of, slot_of, task_of
from octops.ledger.ledger import Ledger
from octops.ledger.odd_heads import ahead, forgetful
from octops.ledger.outcome import Needs, Outcome
from octops.model.ids import TaskId
from octops.repository.commits import Draft

_LONGEST_LEASE = timedelta(days=1)
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A commit that changes nothing of the ledger but its count of writes: that it can be pushed is all it says."""

    word: str = "checked"

    @property
    def subject(self) -> str:
        return "that the ledger can be written"

    @property
    def needs(self) -> Needs:
        return Needs()

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        # What stands there is written by every commit.
        return Outcome(files={MARKER: b""})


def examine(ledger: Ledger, now: datetime, *, write: bool = False) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with the ledger, its rights or the clocks; empty when all is well.

    Changes nothing, unless it is to `write`: then a push is made and not only rehearsed.
    """
    try:
        ledger.refresh()
    except GitError as error:
        return error.diagnostics
    entries = [entry.path for entry in ledger.branch.entries(ledger.tip)] if ledger.tip else []
    files = ledger.read([Needs(paths=(OPEN, HEADS))]) if ledger.tip else {}
    recorded = frozenset(filter(None, map(_recorded, entries)))
    return (
        *ledger.diagnostics,
        *_rights(ledger, now, write=write),
        *_twice(entries),
        *_heads(files, recorded, now),
        *_claims(files, recorded, now),
    )


def _rights(ledger: Ledger, now: datetime, *, write: bool) -> tuple[Diagnostic, ...]:
    branch = ledger.branch
    draft = Draft(
        parent=ledger.tip, files={}, message="octops: rehearsal\n", committed_at=now, identity=branch.identity
    )
    try:
        if write:
            ledger.write([Touch()])
        else:
            branch.rehearse(ledger.tip, branch.build(draft))
    except GitError as error:
        return error.diagnostics
    return ()


def _recorded(path: str) -> str | None:
    return run_of(path) if path.startswith(f"{RUNS}/") else None


def _twice(paths: Collection[str]) -> Iterator[Diagnostic]:
    places = defaultdict(list)
    for path in paths:
        if run := _recorded(path):
            places[run].append(path)
    for run, found in sorted(places.items()):
        if len(found) > 1:
            yield Diagnostic(
                code="two-records",
                summary=f"run `{run}` has {len(found)} records: {', '.join(f'`{path}`' for path in sorted(found))}",
                detail="a run ends once: the branch was edited by hand, or rewound; delete all but the first",
            )


def _heads(files: Mapping[str, bytes], recorded: Collection[str], now: datetime) -> Iterator[Diagnostic]:
    heads: dict[TaskId, Head] = {}
    for path, content in sorted(files.items()):
        if path.startswith(f"{HEADS}/") and (task := task_of(path)):
            head = read_document(Head, path, content)
            if isinstance(head, Diagnostic):
                yield head
            else:
                heads[task] = head
    yield from ahead(heads, now)
    # A slot from before a task counted is none of its own: it was forgotten and declared again since, or changed.
    newest = {run.partition("@")[0]: run for run in sorted(recorded) if slot_of(run)}
    for task, head in heads.items():
        slot = slot_of(newest.get(task, ""))
        if slot is not None and slot >= head.activated_at and not is_settled(head, slot):
            yield forgetful(newest[task])


def _claims(files: dict[str, bytes], recorded: frozenset[str], now: datetime) -> Iterator[Diagnostic]:
    for path, content in sorted(files.items()):
        if not path.startswith(f"{OPEN}/"):
            continue
        claim = read_document(Claim, path, content)
        yield from [claim] if isinstance(claim, Diagnostic) else _of_claim(claim, recorded, now)


def _of_claim(claim: Claim, recorded: frozenset[str], now: datetime) -> Iterator[Diagnostic]:
    if claim.run in recorded:
        yield _warning(
            "orphan-claim",
            f"run `{claim.run}` has a record and is still claimed by `{claim.runner}`",
            "delete the file under `open/` on the records branch: the record counts",
        )
    elif claim.lease_until <= now and not claim.pending:
        yield _warning(
            "expired-claim",
            f"the lease of run `{claim.run}` ended and nobody has taken it over",
            "the next `octops apply` does",
        )
    if claim.claimed_at - now > _SKEW or claim.lease_until - now > _LONGEST_LEASE:
        yield _warning(
            "clock-skew",
            f"the clock of `{claim.runner}` is ahead of ours: it claimed `{claim.run}` at {claim.claimed_at}",
            "set the clocks of all runners by the network (NTP): leases are judged by them",
        )


def _warning(code: str, summary: str, detail: str) -> Diagnostic:
    return Diagnostic(severity=Severity.WARNING, code=code, summary=summary, detail=detail)
