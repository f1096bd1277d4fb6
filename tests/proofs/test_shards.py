"""Four shards in four clones of one remote, and one of them is killed: every run is done once."""

from __future__ import annotations

import itertools
import signal
from collections import Counter
from pathlib import Path
from subprocess import Popen

import pytest

from octops.plan.shards import Shard
from tests.proofs.gates import Gates
from tests.proofs.loopback import Loopback
from tests.proofs.world import World, settings, task, webhook

SHARDS = [Shard(number=number, of=4) for number in (1, 2, 3, 4)]
KILLED = SHARDS[2]
TASKS = {shard: 12 if shard == KILLED else 4 for shard in SHARDS}


def named(shard: Shard) -> list[str]:
    """The tasks of a share."""
    held = (name for number in itertools.count() if shard.holds(name := f"task-{number:03}"))
    return list(itertools.islice(held, TASKS[shard]))


def run_of(name: str) -> str:
    return f"{name}@20260302T080000Z"


def make(folder: Path, port: int) -> World:
    names = [name for shard in SHARDS for name in named(shard)]
    files: dict[str, str | bytes] = {f"tasks/{name}.yaml": task(webhook(port, name)) for name in names}
    # Two conversations at a time: the shard that is killed has claimed a part of its share only.
    return World.make(folder, {"octops.yaml": settings(port, more="parallelism: 2\n"), **files})


@pytest.mark.slow
def test_one_of_four_shards_is_killed_and_every_run_is_done_once(tmp_path: Path) -> None:
    theirs = {run_of(name) for name in named(KILLED)}
    asking = [run_of(name) for name in sorted(named(KILLED))[:2]]
    gates = Gates(*(("model", run) for run in asking))
    with Loopback(gates) as loopback:
        world = make(tmp_path / "world", loopback.port)
        clones = {shard: world.clone(f"clone-{shard.number}") for shard in SHARDS}

        def started(shard: Shard) -> Popen[bytes]:
            return world.start("apply", "--auto-approve", "--shard", str(shard), project=clones[shard])

        killed = started(KILLED)
        # It has its first claims before the others could be done with their own.
        world.wait_for_push("after", 1)
        others = [started(shard) for shard in SHARDS if shard != KILLED]
        assert gates.arrived(), world.said()
        holders = {world.claims()[run]["runner"].partition("/")[2] for run in asking}
        killed.send_signal(signal.SIGKILL)
        codes = [process.wait(60) for process in (killed, *others)]
        gates.let_go()
        claimed, recorded = set(world.claims()), {record["run"] for record in world.records()}

        world.advance(hours=1)
        world.end_leases()
        last = world.apply().wait(60)
        records = {record["run"]: record for record in world.records()}

    assert (holders, codes, last) == ({f"{killed.pid} {KILLED}"}, [-9, 0, 0, 0], 0), world.said()
    # What it had claimed nobody else touched; the rest of its share the others did.
    assert set(asking) <= claimed < theirs
    assert claimed.isdisjoint(recorded)
    assert len(claimed) + len(recorded) == len(records) == len(world.records()) == sum(TASKS.values())
    assert {run for run, record in records.items() if record["attempt"] > 1} == claimed
    assert {record["status"] for record in records.values()} == {"completed"}
    # The two calls that were under way are the only ones that were made again.
    assert Counter(it.run for it in loopback.asked) == Counter([*records, *asking])
    received = Counter((it.run, it.id, it.text) for it in loopback.received)
    assert received == Counter((run, it["deliveries"][0]["id"], it["text"]) for run, it in records.items())
    assert not world.claims()
    assert "left alone" not in world.said()
