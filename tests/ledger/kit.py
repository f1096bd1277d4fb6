"""Runs, claims and a branch in memory for the ledger's tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from octops.ledger.documents import Claim
from octops.model.history import Definition
from octops.model.ids import DestinationId, RunId, TaskId, run_id
from octops.model.run import Delivery, Record, RunStatus, Usage
from octops.repository.commits import Draft, Identity
from octops.repository.objects import Entry

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SLOT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
RUN = run_id("digest", SLOT)
TASK = TaskId("digest")
LEASE = timedelta(minutes=15)


def claim(nonce: str = "n1", *, run: str = RUN, slot: datetime | None = SLOT, runner: str = "ci") -> Claim:
    task, _, tail = run.partition("@")
    return Claim(
        run=RunId(run),
        task=TaskId(task),
        scheduled_at=slot,
        name="" if slot else tail,
        nonce=nonce,
        runner=runner,
        claimed_at=NOW,
        lease_until=NOW + LEASE,
    )


def delivery(**changes: object) -> Delivery:
    known: dict[str, object] = {"id": "d1", "destination": DestinationId("team"), "recipient": "a@example.com"}
    return Delivery(**{**known, **changes})  # type: ignore[arg-type]


def record(*, run: str = RUN, slot: datetime | None = SLOT, **changes: object) -> Record:
    known: dict[str, object] = {
        "run": RunId(run),
        "task": TaskId(run.partition("@")[0]),
        "scheduled_at": slot,
        "status": RunStatus.COMPLETED,
        "finished_at": NOW,
        "usage": Usage(input_tokens=100, output_tokens=10, cost_usd=0.25),
        "text": "All is **well**.\n",
    }
    return Record(**{**known, **changes})  # type: ignore[arg-type]


def definition(text: str = "x") -> Definition:
    return Definition(hash=text, facets={"prompt": text})


@dataclass
class Origin:
    """What a remote keeps: where the branch is, and all commits."""

    tip: str = ""
    commits: dict[str, tuple[dict[str, bytes], str]] = field(default_factory=dict)
    moves: int = 0


@dataclass
class MemoryBranch:
    """A branch that keeps the promise of `Branch` without git: the same commit has the same id, a move compares."""

    origin: Origin
    name: str = "octops/runs"
    where: str = "memory"
    host: str = ""
    identity: Identity = Identity()
    seen: str = ""
    seen_before: str = ""

    def fetch(self) -> str:
        self.seen = self.origin.tip
        return self.seen

    def known(self) -> str:
        return self.seen

    def before(self) -> str:
        return self.seen_before

    def keep_before(self, tip: str) -> None:
        self.seen_before = tip

    def entries(self, tip: str, paths: Sequence[str] = ()) -> tuple[Entry, ...]:
        files = self.origin.commits[tip][0] if tip else {}
        return tuple(
            Entry(path, "100644", json.dumps([tip, path]))
            for path in sorted(files)
            if not paths or any(path == wanted or path.startswith(f"{wanted}/") for wanted in paths)
        )

    def folders(self, tip: str, path: str) -> tuple[str, ...]:
        found = {entry.path.rsplit("/", deep)[0] for entry in self.entries(tip, [path]) for deep in (1, 2, 3)}
        return tuple(sorted(found))

    def contents(self, blobs: Iterable[str]) -> Mapping[str, bytes]:
        found = {}
        for blob in blobs:
            tip, path = json.loads(blob)
            found[blob] = self.origin.commits[tip][0][path]
        return found

    def build(self, draft: Draft) -> str:
        before = self.origin.commits[draft.parent][0] if draft.parent else {}
        files = {path: content for path, content in {**before, **draft.files}.items() if content is not None}
        text = repr((draft.parent, sorted(files.items()), draft.message, draft.committed_at, draft.identity))
        commit = hashlib.sha1(text.encode()).hexdigest()
        self.origin.commits[commit] = (files, draft.message)
        return commit

    def move(self, old: str, new: str) -> bool:
        # As git does: pushing what is already there succeeds.
        if self.origin.tip not in (old, new):
            return False
        self.origin.tip = new
        self.origin.moves += 1
        self.seen = new
        return True

    def rehearse(self, old: str, new: str) -> None:
        return


def files(origin: Origin) -> dict[str, bytes]:
    """What the branch holds now, without the marker."""
    found = origin.commits[origin.tip][0] if origin.tip else {}
    return {path: content for path, content in found.items() if path != "octops-ledger.json"}
