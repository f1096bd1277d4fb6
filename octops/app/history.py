"""What the ledger tells about past and present runs, newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import chain, groupby, islice
from operator import itemgetter

from octops.errors import Diagnostic
from octops.ledger.claims import record_needs
from octops.ledger.documents import Claim, read_document
from octops.ledger.layout import HEADS, OPEN, slot_of, task_of
from octops.ledger.ledger import Ledger
from octops.ledger.outcome import Needs
from octops.ledger.records import RecordFile, list_records
from octops.model.ids import TaskId
from octops.model.run import RunStatus, Usage
from octops.plan.renames import heir
from octops.report.runs import RunLine

_FIRST_BATCH = 50
_LARGEST_BATCH = 2_000
_RECENT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which runs are asked for; an empty value asks for all. `since` counts by slot, else by start."""

    task: str = ""
    statuses: Collection[RunStatus] = ()
    since: datetime | None = None
    limit: int | None = None


class Past:
    """Reads the ledger as far as it is asked to. What cannot be read is kept in `diagnostics` and passed over.

    `moved` is old id → new id: what a task did under its old id, the records keep under that, is told of the new one.
    """

    def __init__(self, ledger: Ledger, now: datetime, moved: Mapping[TaskId, TaskId]) -> None:
        self.ledger = ledger
        self._moved = moved
        self.diagnostics: list[Diagnostic] = list(ledger.diagnostics)
        self._now = now

    def runs(self, wanted: Wanted) -> Iterator[RunLine]:
        """Newest slot first; a run a person named stands where it was started. Those not ended are among them."""
        return islice(self._chosen(wanted), wanted.limit)

    def _chosen(self, wanted: Wanted) -> Iterator[RunLine]:
        seen: set[str] = set()
        for line in merge(self.finished(wanted), self._open(wanted.task), key=_at, reverse=True):
            asked_for = not wanted.statuses or line.status in wanted.statuses
            if asked_for and line.run not in seen and (wanted.since is None or line.at >= wanted.since):
                yield line
            seen.add(line.run)

    def finished(self, wanted: Wanted) -> Iterator[RunLine]:
        """Those with a record, from the day of `since` on."""
        places = self.places(wanted.since)
        mine = (place for place in places if self.is_of(place.run, wanted.task))
        days = (self._in_order(list(day)) for _, day in groupby(mine, key=lambda place: place.day))
        return self.read(chain.from_iterable(days))

    def places(self, since: datetime | None = None) -> Iterator[RecordFile]:
        """Where records lie, newest day first, from the day of `since` on."""
        return list_records(self.ledger, since_day=f"{since.astimezone(UTC):%Y-%m-%d}" if since else "")

    def _in_order(self, places: list[RecordFile]) -> Iterable[RecordFile | RunLine]:
        """One day. Slots sort by their ids; a name does not say when, so those of the day are read."""
        timed: list[tuple[datetime, RecordFile | RunLine]] = []
        named = []
        for place in places:
            if slot := slot_of(place.run):
                timed.append((slot, place))
            else:
                named.append(place)
        if named:
            timed += [(line.at, line) for line in self.read(named)]
            timed.sort(key=itemgetter(0), reverse=True)
        return [it for _, it in timed]

    def read(self, places: Iterable[RecordFile | RunLine]) -> Iterator[RunLine]:
        """The runs of these records in the order given, fetched and read in batches that grow."""
        rest = iter(places)
        size = _FIRST_BATCH
        while batch := list(islice(rest, size)):
            contents = self.ledger.branch.contents(it.blob for it in batch if isinstance(it, RecordFile))
            for it in batch:
                line = it if isinstance(it, RunLine) else read_document(RunLine, it.path, contents[it.blob])
                if isinstance(line, RunLine):
                    yield line
                else:
                    self.diagnostics.append(line)
            size = min(size * 2, _LARGEST_BATCH)

    def claims(self) -> list[Claim]:
        """Runs that have not ended, sorted by their ids: a claim beside the record of its slot counts no more."""
        files = self.ledger.read([Needs(paths=(OPEN,))]) if self.ledger.tip else {}
        found = []
        for path, content in sorted(files.items()):
            claim = read_document(Claim, path, content)
            if isinstance(claim, Claim):
                found.append(claim)
            else:
                self.diagnostics.append(claim)
        ended = self.recorded(claim.run for claim in found)
        return [claim for claim in found if claim.run not in ended]

    def recorded(self, runs: Iterable[str]) -> frozenset[str]:
        """Which of these runs of slots have a record."""
        places = {path: run for run in runs for path in record_needs(run).paths}
        found = self.ledger.branch.entries(self.ledger.tip, list(places)) if places else ()
        return frozenset(places[entry.path] for entry in found)

    def _open(self, task: str) -> list[RunLine]:
        lines = [self.line_of(claim) for claim in self.claims() if self.is_of(claim.run, task)]
        return sorted(lines, key=_at, reverse=True)

    def line_of(self, claim: Claim) -> RunLine:
        """A claim as a run that is running, or waits for its first runner."""
        slot, answer = claim.scheduled_at, claim.answer
        return RunLine(
            run=claim.run,
            task=claim.task,
            scheduled_at=slot,
            name=claim.name,
            status=RunStatus.PENDING if claim.pending else RunStatus.RUNNING,
            reason=_why(claim, self._now),
            lateness_seconds=max(0, int((claim.claimed_at - slot).total_seconds())) if slot else 0,
            model_asked=answer.model_asked if answer else "",
            model_answered=answer.model_answered if answer else "",
            started_at=None if claim.pending else claim.claimed_at,
            requested_at=claim.claimed_at if claim.pending else None,
            usage=answer.usage if answer else Usage(cost_usd=None),
            deliveries=claim.deliveries,
        )

    def tasks(self) -> frozenset[str]:
        """The tasks somebody may mean: those that were applied, and those of the newest records."""
        heads = self.ledger.branch.entries(self.ledger.tip, [HEADS]) if self.ledger.tip else ()
        applied = {task for entry in heads if (task := task_of(entry.path))}
        return frozenset(applied | {task_in(place.run) for place in islice(self.places(), _RECENT)})

    def knows(self, task: str) -> bool:
        """Whether the ledger has ever heard of a task."""
        return task in self.tasks() or any(self.is_of(place.run, task) for place in self.places())

    def is_of(self, run: str, task: str) -> bool:
        """Whether a run is one of the task's, under the id it has or had; every run is one of the task ``."""
        return task in ("", task_in(run), self.heir(run))

    def heir(self, run: str) -> TaskId:
        """The id that the task of a run has now; a task's own id will do."""
        return heir(TaskId(task_in(run)), self._moved)


def _why(claim: Claim, now: datetime) -> str:
    """Why a run stands as it does; empty: its runner is at work."""
    if claim.pending:
        return "requested"
    gone = "open_delivery" if claim.answer else "lease_expired"
    return gone if claim.lease_until <= now else ""


def task_in(run: str) -> str:
    """The task a run id names."""
    return run.partition("@")[0]


def _at(line: RunLine) -> datetime:
    return line.at
