"""The race: several octops on clones of one remote apply the same due slots at the same time.

`python -m tests.proofs.race [--slots 200] [--processes 4] [--parallelism 8]` prints what each of them got.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.proofs.loopback import Loopback
from tests.proofs.world import World, settings, task, webhook

SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    codes: tuple[int, ...]
    doubled: tuple[str, ...]
    """Runs that were started, recorded or delivered more than once."""
    lost: tuple[str, ...]
    """Runs without a record, or whose answer did not arrive."""
    left: tuple[str, ...]
    """Claims that are still open."""
    shares: tuple[int, ...]
    """How many runs each runner carried out."""
    pushes: int
    seconds: float
    said: str


def race(folder: Path, *, slots: int, processes: int, parallelism: int) -> Finish:
    runs = [f"task-{number:03}@20260302T080000Z" for number in range(slots)]
    with Loopback() as loopback:
        files: dict[str, str | bytes] = {"octops.yaml": settings(loopback.port, more=f"parallelism: {parallelism}\n")}
        for run in runs:
            name = run.partition("@")[0]
            files[f"tasks/{name}.yaml"] = task(webhook(loopback.port, name))
        world = World.make(folder, files)
        clones = [world.clone(f"clone-{number}") for number in range(processes)]
        started_at = time.monotonic()
        runners = [world.apply(project=clone) for clone in clones]
        codes = tuple(runner.wait(SECONDS) for runner in runners)
        seconds = time.monotonic() - started_at
    records = world.records()
    asked = Counter(it.run for it in loopback.asked)
    recorded = Counter(record["run"] for record in records)
    received = Counter(it.run for it in loopback.received)
    shares = Counter(record["provenance"]["runner"] for record in records)
    return Finish(
        codes=codes,
        doubled=tuple(run for run in runs if max(asked[run], recorded[run], received[run]) > 1),
        lost=tuple(run for run in runs if not (asked[run] and recorded[run] and received[run])),
        left=tuple(world.files("open/")),
        shares=tuple(sorted(shares.values())),
        pushes=len(world.writes()),
        seconds=seconds,
        said=world.said(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slots", type=int, default=200)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--parallelism", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        finish = race(
            Path(folder) / "race",
            slots=options.slots,
            processes=options.processes,
            parallelism=options.parallelism,
        )
    print(f"{options.processes} processes, {options.slots} due slots, {finish.seconds:.1f} s, exits {finish.codes}")
    print(f"{len(finish.doubled)} double starts, {len(finish.lost)} lost, {len(finish.left)} left open")
    print(f"{finish.pushes} pushes, {finish.pushes / options.slots:.3f} a run; runs of each runner: {finish.shares}")
    sys.exit(1 if finish.doubled or finish.lost or finish.left else 0)


if __name__ == "__main__":
    main()
