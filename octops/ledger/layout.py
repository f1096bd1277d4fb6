"""Where things lie on the records branch: paths ⇄ ids."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from octops.model.ids import ID, RUN_NAME, RunId, TaskId, run_id

MARKER = "octops-ledger.json"
"""Says which format the branch is written in, and which ledger it is."""
HEADS = "tasks"
OPEN = "open"
PRUNED = "pruned.json"
"""What is left of heads that were forgotten: the money."""
RUNS = "runs"

_SLOT = re.compile(r"\d{8}T\d{6}Z")


def head_path(task: str) -> str:
    return f"{HEADS}/{task}.json"


def open_path(run: str) -> str:
    return f"{OPEN}/{file_name(run)}"


def record_path(run: str, day: date) -> str:
    """A record lies in the folder of its slot's day; that of a named run in the day of its claim."""
    slot = slot_of(run)
    return f"{RUNS}/{(slot.date() if slot else day):%Y/%m/%d}/{file_name(run)}"


def answer_path(record: str) -> str:
    """The readable answer beside a record."""
    return record.removesuffix(".json") + ".md"


def file_name(run: str) -> str:
    """`<task>--<slot|name>.json`, different for different runs whatever hyphens they hold."""
    task, _, tail = run.partition("@")
    # A name may hold `--` itself: there it is written `-=-`, which no name can hold.
    return f"{task}--{re.sub(r'-(?=-)', '-=', tail)}.json"


def run_of(path: str) -> RunId | None:
    """The run a claim or record file is about, or None when the name is not ours."""
    name = path.rpartition("/")[2]
    if not name.endswith(".json"):
        return None
    task, dashes, tail = name.removesuffix(".json").rpartition("--")
    tail = tail.replace("=", "")
    if not dashes or not ID.fullmatch(task) or not RUN_NAME.fullmatch(tail):
        return None
    return run_id(task, tail)


def task_of(path: str) -> TaskId | None:
    """The task a head file is about, or None when the name is not ours."""
    name = path.removeprefix(f"{HEADS}/").removesuffix(".json")
    return TaskId(name) if ID.fullmatch(name) else None


def slot_of(run: str) -> datetime | None:
    """The slot in a run id, or None when a person named the run."""
    tail = run.partition("@")[2]
    if not _SLOT.fullmatch(tail):
        return None
    try:
        return datetime.strptime(tail, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
