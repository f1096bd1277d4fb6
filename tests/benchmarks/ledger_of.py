"""A ledger with a long past, made in a minute: the documents octops would have written, in one commit.

`python tests/benchmarks/ledger_of.py FOLDER --records 100000` gives the project in FOLDER such a past.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from octops.app.workspace import load_project, open_workspace
from octops.ledger.documents import FORMAT, Head, Marker, Record, encode, read_document
from octops.ledger.layout import MARKER, answer_path, head_path, record_path
from octops.ledger.readable import readable
from octops.model.history import Samples
from octops.model.ids import DestinationId, TaskId, run_id
from octops.model.project import Project
from octops.model.run import (
    Delivery,
    DeliveryStatus,
    Message,
    Provenance,
    Reply,
    RunStatus,
    ToolCall,
    ToolResult,
    ToolUse,
    Turn,
    Usage,
)
from octops.model.task import Task
from octops.plan.definition import definition
from octops.schedule.slots import previous_slot

BRANCH = "octops/runs"
_SOME_DAY = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)
_USAGE = Usage(input_tokens=1840, output_tokens=312, cost_usd=0.0102)
_PROMPT = "Compile the key updates of the day. Group them by product area and by person, newest first.\n" * 8


def write_ledger(root: Path, *, records: int, now: datetime, activated_at: datetime) -> None:
    """Give every task of the project in `root` a head that is up to date, and `records` runs between them, one a day.

    Nothing is due at `now` afterwards, and nothing is to be changed.
    """
    workspace = open_workspace(root)
    project = load_project(workspace).project
    stream = _stream(project, records, now, activated_at)
    with subprocess.Popen(
        ["git", "-c", "core.compression=1", "fast-import", "--quiet", "--date-format=raw"],
        cwd=root,
        stdin=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.writelines(stream)
    if process.returncode:
        raise SystemExit("git fast-import failed")


def _stream(project: Project, records: int, now: datetime, activated_at: datetime) -> Iterator[bytes]:
    yield f"commit refs/heads/{BRANCH}\ncommitter Ada <ada@example.com> {int(now.timestamp())} +0000\n".encode()
    yield b"data 8\nthe past\n"
    yield _file(MARKER, encode(Marker(format=FORMAT, lineage="0" * 32, writes=1)))
    tasks = list(project.tasks.values())
    for number, task in enumerate(tasks):
        share = records // len(tasks) + (number < records % len(tasks))
        newest = _newest_slot(task, project, now)
        yield _file(head_path(task.id), encode(_head(task, project, newest, activated_at)))
        yield from _records(task, number, newest, share)


def _newest_slot(task: Task, project: Project, now: datetime) -> datetime:
    assert task.schedule is not None, f"{task.id} has no schedule"
    slot = previous_slot(task.schedule, project.zone_of(task), now)
    assert slot is not None, f"{task.id} has no slot before {now}"
    return slot


def _head(task: Task, project: Project, newest: datetime, activated_at: datetime) -> Head:
    days = [newest - timedelta(days=ago) for ago in range(40)]
    return Head(
        definition=definition(task, project),
        revision=project.revision,
        activated_at=activated_at,
        settled_until=newest,
        samples=Samples(input_tokens=(1840,) * 20, output_tokens=(312,) * 20, cost_usd=(0.0102,) * 20),
        spent_usd={f"{day:%Y-%m-%d}": 0.0102 for day in sorted(days)},
    )


def _records(task: Task, number: int, newest: datetime, count: int) -> Iterator[bytes]:
    """One record is encoded and the others differ from it in their times and answers."""
    sample = _record(task, _SOME_DAY, _answer(number, 0))
    content, page = encode(sample), readable(sample)
    answers = _answer(number, 0).encode()
    for ago in range(count):
        slot = newest - timedelta(days=ago)
        path = record_path(run_id(task.id, slot), slot.date())
        changes = ((answers, _answer(number, ago).encode()), *zip(_times(_SOME_DAY), _times(slot), strict=True))
        yield _file(path, _changed(content, changes))
        yield _file(answer_path(path), _changed(page, changes))
    if count:
        _check(task, slot, _changed(content, changes), _answer(number, ago))


def _check(task: Task, slot: datetime, moved: bytes, answer: str) -> None:
    """The short way must give what the long way gives."""
    read = read_document(Record, "", moved)
    assert moved == encode(_record(task, slot, answer)), "the sample was not moved as it should be"
    assert isinstance(read, Record), read


def _changed(content: bytes, changes: Iterable[tuple[bytes, bytes]]) -> bytes:
    for old, new in changes:
        content = content.replace(old, new)
    return content


def _times(slot: datetime) -> tuple[bytes, ...]:
    instants = [slot + timedelta(seconds=seconds) for seconds in (0, 251, 271)]
    return (f"{slot:%Y%m%dT%H%M%SZ}".encode(), *(f"{it:%Y-%m-%dT%H:%M:%SZ}".encode() for it in instants))


def _answer(number: int, ago: int) -> str:
    """Different words for different runs, so that packs do not shrink to nothing."""
    digest = hashlib.sha512(f"{number} {ago}".encode())
    return f"Changes of the day: {base64.b64encode(digest.digest()).decode()} {digest.hexdigest()}"


def _record(task: Task, slot: datetime, answer: str) -> Record:
    run = run_id(task.id, slot)
    call = ToolCall(
        id="c1", name="notes__read_file", arguments={"path": "CHANGELOG.md"}, raw='{"path": "CHANGELOG.md"}'
    )
    used = ToolUse(call=call, result=ToolResult(text="# Changelog\n" + "- something was merged\n" * 40), seconds=0.5)
    asking = Reply(text="", tool_calls=(call,), stop_reason="tool_calls", model="sonnet", usage=_USAGE)
    ended = slot + timedelta(seconds=271)
    delivery = Delivery(
        id=f"dlv_{task.id}",
        destination=DestinationId("digest"),
        recipient="https://hooks.example.com/digest",
        status=DeliveryStatus.DELIVERED,
        attempts=1,
        proof="202 accepted",
        updated_at=ended,
    )
    return Record(
        run=run,
        task=TaskId(task.id),
        scheduled_at=slot,
        status=RunStatus.COMPLETED,
        model_asked="default",
        model_answered="claude-sonnet-4-5",
        started_at=slot + timedelta(seconds=251),
        finished_at=ended,
        lateness_seconds=251,
        usage=replace(_USAGE, input_tokens=3680),
        messages=(Message(role="system", text="Write short sentences.\n"), Message(role="user", text=_PROMPT)),
        turns=(
            Turn(reply=asking, uses=(used,), seconds=2.0),
            Turn(reply=Reply(text=answer, model="sonnet", usage=_USAGE), seconds=3.0),
        ),
        text=answer,
        deliveries=(delivery,),
        provenance=Provenance(revision="9" * 40, task_hash="e" * 64, prompt_hash="f" * 64, octops="0.1.0", runner="ci"),
    )


def _file(path: str, content: bytes) -> bytes:
    return b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(content), content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=100_000)
    options = parser.parse_args()
    started = time.perf_counter()
    now = datetime.now(UTC)
    write_ledger(options.folder, records=options.records, now=now, activated_at=now - timedelta(days=400))
    print(f"{options.records:,} records in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
