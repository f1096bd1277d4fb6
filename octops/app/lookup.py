"""One run by what a person typed: an id, a task, or nearly one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from octops.app.history import Past, Wanted, task_in
from octops.errors import Diagnostic, OctopsError, Severity, UsageError
from octops.ledger.claims import read_claim, record_needs, recorded_at
from octops.ledger.documents import Claim, Record, encode, read_document
from octops.ledger.layout import open_path, slot_of
from octops.ledger.ledger import Ledger
from octops.ledger.outcome import Needs
from octops.model.ids import ID, RUN_NAME, TaskId
from octops.model.run import Provenance, RunStatus, Usage
from octops.report.runs import RunLine
from octops.report.show import PENDING, Running, Shown

if TYPE_CHECKING:
    from octops.app.workspace import Workspace

_COMPARED = 2_000
_NEAREST = 100
"""Records after a slot that are read to find the one that covers it."""


def show_run(ledger: Ledger, word: str, now: datetime, moved: Mapping[TaskId, TaskId]) -> Shown:
    """The run of this id, of a task its newest run, without a word the newest of all. `moved` is old id → new id.

    Of a slot that was passed over together with others it is the record that stands for them.

    Raises UsageError with the id that was probably meant.
    """
    past = Past(ledger, now, moved)
    run = word if "@" in word else _newest(past, word)
    notes: tuple[Diagnostic, ...] = ()
    shown = _read(ledger, run, now)
    if shown is None and (covering := _covering(past, run)):
        shown, notes = _read(ledger, covering, now), (_covered(run, covering),)
    if shown is None:
        raise UsageError(f"there is no run `{word}` in the ledger", code="unknown-run", detail=_meant(past, word))
    return replace(shown, diagnostics=(*past.diagnostics, *notes))


def unknown_task(past: Past, task: str) -> UsageError:
    """The error for a task that has no run."""
    from octops.declare.near import nearest

    known = past.tasks()
    near = nearest(task, known)
    detail = f"did you mean `{near}`?" if near else "`octops runs` lists the runs there are"
    if task in known:
        detail = f"it has not run yet: `octops run {task}` runs it now"
    return UsageError(f"the ledger holds no run of a task `{task}`", code="unknown-task", detail=detail)


def is_declared(workspace: Workspace, task: str) -> bool:
    """Whether a file declares a task; files that are wrong declare nothing."""
    from octops.app.workspace import load_project

    try:
        return task in load_project(workspace, compared=False).project.tasks
    except OctopsError:
        return False


def _newest(past: Past, task: str) -> str:
    line = next(past.runs(Wanted(task=task, limit=1)), None)
    if line is not None:
        return line.run
    if task:
        raise unknown_task(past, task)
    raise UsageError("the ledger holds no run yet", code="no-runs", detail="`octops apply` runs what is due")


def _covering(past: Past, run: str) -> str:
    """The skipped run whose record stands for the slot of this one too; empty: there is none."""
    slot = slot_of(run)
    if slot is None:
        return ""
    listed = (place for place in past.places(slot) if past.is_of(place.run, task_in(run)))
    later = [place for place in listed if (its := slot_of(place.run)) is not None and its > slot]
    nearest = past.read(reversed(later[-_NEAREST:]))
    return next((line.run for line in nearest if slot in line.covers or _before_those(slot, line)), "")


def _before_those(slot: datetime, line: RunLine) -> bool:
    """Among the slots a skip ended without listing them."""
    return line.covers_from is not None and line.covers_from <= slot < min(line.covers)


def _covered(run: str, covering: str) -> Diagnostic:
    return Diagnostic(
        severity=Severity.NOTE,
        code="covered",
        summary=f"the slot of `{run}` was passed over together with others: `{covering}` is the record of them all",
    )


def _read(ledger: Ledger, run: str, now: datetime) -> Shown | None:
    task, _, tail = run.partition("@")
    if not ledger.tip or not ID.fullmatch(task) or not RUN_NAME.fullmatch(tail):
        return None
    need = record_needs(run)
    files = ledger.read([Needs(paths=(open_path(run), *need.paths), names=need.names)])
    place = recorded_at(run, files)
    found = read_document(Record, place, files[place]) if place else read_claim(run, files)
    if isinstance(found, Diagnostic):
        raise OctopsError(replace(found, severity=Severity.ERROR))
    if isinstance(found, Claim):
        return _running(found, now)
    return Shown(record=found, document=json.loads(encode(found))) if found else None


def _running(claim: Claim, now: datetime) -> Shown:
    running = Running(
        phase=PENDING if claim.pending else claim.phase.value,
        runner=claim.runner,
        claimed_at=claim.claimed_at,
        lease_until=claim.lease_until,
        abandoned=claim.lease_until <= now and not claim.pending,
    )
    status = RunStatus.PENDING if claim.pending else RunStatus.RUNNING
    record = replace(claim.answer or _begun(claim), status=status)
    document = json.loads(encode(record))
    if claim.answer is None:
        del document["finished_at"]
    return Shown(record=record, document={**document, "claim": json.loads(encode(running))}, running=running)


def _begun(claim: Claim) -> Record:
    """What can be said of a run that has no answer: it has not ended, so `finished_at` means nothing."""
    slot = claim.scheduled_at
    return Record(
        run=claim.run,
        task=claim.task,
        scheduled_at=slot,
        name=claim.name,
        trigger=claim.trigger,
        status=RunStatus.RUNNING,
        attempt=claim.attempt,
        started_at=None if claim.pending else claim.claimed_at,
        finished_at=claim.claimed_at,
        lateness_seconds=max(0, int((claim.claimed_at - slot).total_seconds())) if slot else 0,
        usage=Usage(cost_usd=None),
        parameters=claim.parameters,
        provenance=Provenance(runner=claim.runner),
    )


def _meant(past: Past, word: str) -> str:
    from octops.declare.near import nearest

    task = task_in(word)
    known = list(islice(_ids(past, task), _COMPARED))
    if not known:
        near = nearest(task, past.tasks())
        return (
            f"did you mean a run of `{near}`? `octops runs {near}` lists them" if near else "`octops runs` lists them"
        )
    begun = next((run for run in known if run.startswith(word)), "")
    tails = {run.partition("@")[2]: run for run in known}
    near = begun or tails.get(nearest(word.partition("@")[2], tails), "")
    return f"did you mean `{near}`?" if near else f"`octops runs {task}` lists the runs of that task"


def _ids(past: Past, task: str) -> Iterator[str]:
    yield from (claim.run for claim in past.claims() if past.is_of(claim.run, task))
    yield from (place.run for place in past.places() if past.is_of(place.run, task))
