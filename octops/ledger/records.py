"""Finished runs, newest first, read a day at a time so that a long past costs nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from octops.errors import Diagnostic
from octops.ledger.claims import record_needs, recorded_at
from octops.ledger.documents import Record, read_document
from octops.ledger.layout import RUNS, run_of
from octops.ledger.ledger import Ledger
from octops.model.run import RunStatus

_BATCH = 50
_TRIES = 20
_DAYS = 64


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A record's place; `path` sorts by day."""

    path: str
    blob: str

    @property
    def day(self) -> str:
        """`2026-03-02`."""
        return _day(self.path)

    @property
    def run(self) -> str:
        return run_of(self.path) or ""


def list_records(ledger: Ledger, *, since_day: str = "") -> Iterator[RecordFile]:
    """The places of the records, newest slot first, looked up a few days at a time; none is read."""
    days = [folder for folder in ledger.branch.folders(ledger.tip, RUNS) if folder.count("/") == 3]
    newest = sorted((day for day in days if _day(day) >= since_day), reverse=True)
    start, step = 0, 1
    while start < len(newest):
        yield from _listed(ledger, newest[start : start + step])
        start, step = start + step, min(step * 2, _DAYS)


def read_records(ledger: Ledger, *, task: str = "", since_day: str = "") -> Iterator[Record | Diagnostic]:
    """Records newest slot first, read in batches as they are asked for; `since_day` is the oldest day wanted."""
    places = (
        place for place in list_records(ledger, since_day=since_day) if not task or place.run.partition("@")[0] == task
    )
    while batch := list(islice(places, _BATCH)):
        contents = ledger.branch.contents(place.blob for place in batch)
        for place in batch:
            yield read_document(Record, place.path, contents[place.blob])


def newest_completed(ledger: Ledger, tasks: Collection[str]) -> dict[str, Record]:
    """The newest completed record of each task that has one among its 20 newest, read in as few rounds as possible."""
    places: dict[str, list[RecordFile]] = {task: [] for task in tasks}
    waiting = set(places)
    for place in list_records(ledger) if waiting else ():
        task = place.run.partition("@")[0]
        if task in waiting:
            places[task].append(place)
            waiting -= {task} if len(places[task]) == _TRIES else set()
            if not waiting:
                break
    found: dict[str, Record] = {}
    for tried in range(_TRIES):
        wanted = {task: own[tried] for task, own in places.items() if task not in found and tried < len(own)}
        contents = ledger.branch.contents(place.blob for place in wanted.values()) if wanted else {}
        for task, place in wanted.items():
            record = read_document(Record, place.path, contents[place.blob])
            if isinstance(record, Record) and record.status is RunStatus.COMPLETED:
                found[task] = record
    return found


def _listed(ledger: Ledger, days: Sequence[str]) -> list[RecordFile]:
    found = [
        RecordFile(entry.path, entry.blob)
        for entry in ledger.branch.entries(ledger.tip, days)
        if entry.path.endswith(".json") and run_of(entry.path)
    ]
    return sorted(found, key=lambda file: (file.day, file.run.partition("@")[2], file.run), reverse=True)


def _day(path: str) -> str:
    return "-".join(path.split("/")[1:4])


def find_record(ledger: Ledger, run: str) -> Record | Diagnostic | None:
    """The record of one run, or None when it has none."""
    files = ledger.read([record_needs(run)])
    place = recorded_at(run, files)
    return read_document(Record, place, files[place]) if place else None
