"""The crash sweep: octops is killed at every push, model call and delivery, and is then repeated until it is quiet.

`python -m tests.proofs.crash_sweep [--parallelism 1]` kills at every point and prints what became of each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from octops.ledger.layout import open_path
from tests.proofs.loopback import Loopback, Received
from tests.proofs.world import World, settings, task, webhook

TASKS = ("apples", "berries", "cherries")
RUNS = tuple(f"{name}@20260302T080000Z" for name in TASKS)
ONCE = "cherries-once"
"""The webhook that may get a result at most once."""
AGAIN = 6
"""How often apply is repeated at most."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """Killed before or after the n-th push, model call or delivery takes effect."""

    kind: str
    number: int
    moment: str

    def __str__(self) -> str:
        return f"{self.moment:6} {self.kind} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    reached: bool
    applies: int
    pushes: int
    asked: int
    received: int
    complaints: tuple[str, ...]
    said: str
    """Everything octops printed."""


def points(folder: Path, *, parallelism: int = 8) -> tuple[Point, ...]:
    """Every kill point of an undisturbed apply."""
    with Loopback() as loopback:
        world = _world(folder, loopback, parallelism)
        code = world.apply().wait(120)
        complaints = _complaints(world, loopback, code)
        assert not complaints, (complaints, world.said())
        assert {it["status"] for record in world.records() for it in record["deliveries"]} == {"delivered"}
        counts = {"push": world.pushes, "model": len(loopback.asked), "delivery": len(loopback.received)}
    return tuple(
        Point(kind, number, moment)
        for kind, count in counts.items()
        for number in range(1, count + 1)
        for moment in ("before", "after")
    )


def killed_at(point: Point, folder: Path, *, parallelism: int = 8) -> Verdict:
    """A fresh remote, an apply that is killed at `point`, and applies an hour apart until nothing is left to do."""
    with Loopback() as loopback:
        world = _world(folder, loopback, parallelism)
        unstored: list[str] = []

        def step(kind: str, moment: str, number: int, _: str) -> None:
            if (kind, moment) == ("delivery", "before"):
                unstored.extend(_unstored(world, loopback.received[number - 1]))
            if Point(kind, number, moment) == point:
                world.kill()

        loopback.step = step
        if point.kind == "push":
            world.kill_at_push(point.moment, point.number)
        world.apply().wait(120)
        reached = world.killed
        applies, code = 1, 0
        while not world.quiet() and applies <= AGAIN:
            world.advance(hours=1)
            world.end_leases()
            code = world.apply().wait(120)
            applies += 1
        complaints = [*unstored, *_complaints(world, loopback, code)]
        return Verdict(
            reached=reached,
            applies=applies,
            pushes=world.pushes,
            asked=len(loopback.asked),
            received=len(loopback.received),
            complaints=tuple(complaints),
            said=world.said(),
        )


def _world(folder: Path, loopback: Loopback, parallelism: int) -> World:
    port = loopback.port
    files: dict[str, str | bytes] = {
        "octops.yaml": settings(port, more=f"parallelism: {parallelism}\n"),
    }
    for name in TASKS:
        destinations = [webhook(port, name), f'{{type: file, path: "answers/{name}-<<scheduled_date>>.md"}}']
        once = [webhook(port, ONCE, "at_most_once")] if ONCE.startswith(name) else []
        files[f"tasks/{name}.yaml"] = task(*once, *destinations)
    return World.make(folder, files)


def _unstored(world: World, got: Received) -> list[str]:
    """A delivery that is on its way, and whose answer does not stand in the ledger at this moment."""
    stored = b"".join(world.files(open_path(got.run)).values()).decode()
    return [] if got.text in stored else [f"{got.run}: `{got.text}` was delivered before it was stored"]


def _complaints(world: World, loopback: Loopback, code: int) -> list[str]:
    records = {record["run"]: record for record in world.records()}
    found = Counter(record["run"] for record in world.records())
    said = [f"{run} has {found[run]} records" for run in RUNS if found[run] != 1]
    said += [f"`{path}` is left" for path in world.files("open/")]
    asked = Counter(it.run for it in loopback.asked)
    for run, record in records.items():
        if record["status"] != "completed":
            said.append(f"{run} is {record['status']}: {record.get('failure')}")
        if asked[run] > record["attempt"]:
            said.append(f"{run}: the model was asked {asked[run]} times in {record['attempt']} attempts")
        said += _delivered(run, record["text"], record["deliveries"], loopback)
        name = run.partition("@")[0]
        filed = world.files(f"answers/{name}-2026-03-02.md")
        if [text.decode().rstrip("\n") for text in filed.values()] != [record["text"]]:
            said.append(f"{run}: the file holds {filed}, the record `{record['text']}`")
    statuses = {it["status"] for record in records.values() for it in record["deliveries"]}
    # An apply that only had runs to finish which others began tells of an unknown delivery with its exit code.
    if code not in ((0,) if statuses == {"delivered"} else (0, 3)):
        said.append(f"the last apply ended with {code}")
    return said


def _delivered(run: str, text: str, deliveries: Sequence[Mapping[str, str]], loopback: Loopback) -> list[str]:
    name = run.partition("@")[0]
    said = []
    for hook in (name, ONCE) if ONCE.startswith(name) else (name,):
        got = [it for it in loopback.received if it.hook == hook]
        ended = next(it for it in deliveries if it["recipient"].endswith(f"/{hook}"))
        status = ended["status"]
        if {it.text for it in got} - {text}:
            said.append(f"{hook} got {got}, the record says `{text}`")
        if {it.id for it in got} - {ended["id"]}:
            said.append(f"{hook} got more than one id: {got}")
        if hook == ONCE and (len(got) > 1 or status not in ("delivered", "unknown")):
            said.append(f"{hook} got {got} and is {status}")
        if hook != ONCE and status != "delivered":
            said.append(f"{hook} is {status}")
        if status == "delivered" and not any(it.answered for it in got):
            said.append(f"{hook} is {status} and got {got}")
    return said


def sweep(chosen: Sequence[Point], folder: Path, *, parallelism: int = 8, at_once: int = 2) -> dict[Point, Verdict]:
    """Two worlds at a time: most of each is waiting for the push budget."""

    def one(numbered: tuple[int, Point]) -> Verdict:
        number, point = numbered
        return killed_at(point, folder / f"point-{number}", parallelism=parallelism)

    with ThreadPoolExecutor(at_once) as threads:
        return dict(zip(chosen, threads.map(one, enumerate(chosen)), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parallelism", type=int, default=8, help="runs at once in one apply")
    parser.add_argument("--at-once", type=int, default=3, help="worlds at once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        every = points(Path(folder) / "clean", parallelism=options.parallelism)
        verdicts = sweep(every, Path(folder), parallelism=options.parallelism, at_once=options.at_once)
    print(f"{'killed':22} {'applies':>8} {'pushes':>8} {'asked':>8} {'received':>9}  verdict")
    for point, it in verdicts.items():
        word = "; ".join(it.complaints) or ("held" if it.reached else "not reached")
        print(f"{point!s:22} {it.applies:8} {it.pushes:8} {it.asked:8} {it.received:9}  {word}")
    broken = [it for it in verdicts.values() if it.complaints]
    reached = sum(it.reached for it in verdicts.values())
    print(f"{len(verdicts)} kill points, {reached} reached, {len(broken)} broken")
    if broken:
        print(f"the first of them said:\n{broken[0].said}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
