"""How fast and how sparing applying is: a plan → runs → records. `python tests/benchmarks/applying.py` prints a table.

It takes about five minutes. `--only runs` (or `idle`, `ledger`, `pushes`) measures one part of it.
Byte-compile the environment first (`python -m compileall -q .venv`), or every process compiles every module.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.ledger_of import BRANCH, write_ledger  # noqa: E402

OCTOPS = [sys.executable, "-m", "octops"]
RUNS = 5
PARALLEL = 100
COMMITTED_AT = "2026-03-01T12:00:00Z"
NOW = "2026-03-02T08:10:00Z"
"""Ten minutes after the slot of every task."""

SETTINGS = """\
version: 1
models:
  default:
    model: openai/gpt-4o-mini
    api_base: "{base}"
    api_key: {{env: BENCH_KEY}}
    price: {{input_per_million: 1, output_per_million: 2}}
defaults: {{model: default, limits: {{seconds: 120}}}}
"""
PROMPT = """\
Compile the key updates of the day for team {number}.
Group them by product area and by person, newest first, and keep every line shorter than a tweet.
For every update say what changed, why somebody should care, who did it, and what is still open.
"""
TASK = """\
name: Digest for team {number}
prompt: |
{prompt}
schedule: {{frequency: daily, at: "08:00"}}
"""
LOOP = """\

import asyncio, sys, time

base, calls, parallel, prompt = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
imported = time.process_time()

async def main():
    prepare()
    room = asyncio.Semaphore(parallel)

    async def call(number):
        async with room:
            response = await litellm.acompletion(
                model="openai/gpt-4o-mini", messages=[{"role": "user", "content": prompt.format(number=number)}],
                api_key="sk-bench-0123456789", api_base=base, max_retries=0, num_retries=0, timeout=300,
                drop_params=True, max_tokens=16384,
            )
            assert response.choices[0].message.content

    await asyncio.gather(*map(call, range(calls)))
    await close()

asyncio.run(main())
print(imported, time.process_time())
"""
BARE_LOOP = f"""\
from octops.run.llm_library import client_for, close, preload
litellm = preload()
def prepare(): client_for(litellm, "openai")
{LOOP}"""
"""In octops' own process set-up: its import of litellm, its client."""
PLAIN_LOOP = f"""\
import os
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
def prepare(): ...
async def close(): ...
{LOOP}"""
"""As one would write it."""
UNIMPORTED = """\
import sys
from octops.cli import main
try:
    main()
finally:
    print("loaded:", *(name for name in ("litellm", "mcp", "openai", "httpx") if name in sys.modules), file=sys.stderr)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a process and the processes it started took, in seconds."""

    wall: float
    cpu: float
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A project, with its bare remote beside it."""

    root: Path

    @property
    def remote(self) -> Path:
        return self.root.parent / "remote.git"

    @property
    def copy_bytes(self) -> int:
        """The size of octops' own copy of the ledger."""
        return sum(file.stat().st_size for file in (self.root / ".git/octops").rglob("*") if file.is_file())

    def git(self, *arguments: str) -> str:
        identity = {
            f"GIT_{who}_{what}": "ada@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        dates = {"GIT_AUTHOR_DATE": COMMITTED_AT, "GIT_COMMITTER_DATE": COMMITTED_AT}
        command = ["git", "-c", "init.defaultBranch=main", *arguments]
        environment = {**os.environ, **identity, **dates}
        return subprocess.run(
            command, cwd=self.root, env=environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    def octops(self, *arguments: str, expected: Sequence[int] = (0,)) -> Taken:
        return self.process([*OCTOPS, *arguments], expected=expected)

    def process(self, command: Sequence[str], expected: Sequence[int] = (0,)) -> Taken:
        home = self.root.parent / "home"
        home.mkdir(exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "BENCH_KEY": "sk-bench-0123456789",
        }
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.perf_counter()
            child = subprocess.Popen(command, cwd=self.root, env=environment, stdout=out, stderr=err)
            _, status, used = os.wait4(child.pid, 0)
            wall = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode())
        if child.returncode not in expected:
            raise SystemExit(f"{command} ended with {child.returncode}:\n{texts[0][-2000:]}\n{texts[1][-2000:]}")
        return Taken(wall=wall, cpu=used.ru_utime + used.ru_stime, out=texts[0], err=texts[1])


def make_place(folder: Path, tasks: int, base: str = "http://127.0.0.1:9/v1", *, remote: bool = True) -> Place:
    place = Place(root=folder / "project")
    (place.root / "tasks").mkdir(parents=True)
    (place.root / "octops.yaml").write_text(SETTINGS.format(base=base))
    for number in range(tasks):
        prompt = "".join(f"  {line}\n" for line in PROMPT.format(number=number).splitlines())
        (place.root / f"tasks/digest-{number:04}.yaml").write_text(TASK.format(number=number, prompt=prompt))
    place.git("init", "-q")
    place.git("add", ".")
    place.git("commit", "-qm", "tasks")
    if remote:
        place.git("init", "-q", "--bare", str(place.remote))
        place.git("remote", "add", "origin", str(place.remote))
        place.git("push", "-q", "-u", "origin", "main")
    return place


@contextmanager
def model_server(latency: float) -> Iterator[str]:
    """Its base address. It runs in a process of its own, so that its time is not octops'."""
    command = [sys.executable, "-m", "tests.modelserver", "--port", "0", "--latency", str(latency)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1]
    finally:
        server.kill()
        server.wait()


def row(name: str, measured: str, wanted: str = "") -> None:
    print(f"{name:<66} {measured:>26}" + (f"   wanted {wanted}" if wanted else ""), flush=True)


def median(measure: Callable[[], Taken], runs: int = RUNS) -> Taken:
    return statistics.median_low([(taken.wall, number, taken) for number, taken in enumerate(_each(measure, runs))])[2]


def _each(measure: Callable[[], Taken], runs: int) -> list[Taken]:
    return [measure() for _ in range(runs)]


def runs(folder: Path, count: int = 1000) -> None:
    """1,000 due runs, 100 at once, a model that answers after a second: with a remote and without."""
    with model_server(1.0) as base:
        for remote in (False, True):
            places = [make_place(folder / f"runs-{remote}-{each}", count, base, remote=remote) for each in range(RUNS)]
            _runs(places, base, count, "a file remote" if remote else "no remote")
            if remote:
                row(f"  pushes of {count:,} runs", f"{_pushes(places[0]) / count:.3f} a run")


def _runs(places: Sequence[Place], base: str, count: int, where: str) -> None:
    planned = median(lambda: places[0].octops("plan", "--now", NOW), 3)
    none = median(lambda: _bare(places[0], base, 0), 3)
    # In turns: what else the machine does meanwhile falls on both.
    pairs = [(_bare(place, base, count), _applied(place, count)) for place in places]
    plain = _least([_bare(places[0], base, count, PLAIN_LOOP) for _ in range(3)])
    bare, applied = _least(pair[0] for pair in pairs), _least(pair[1] for pair in pairs)
    start_up = planned.wall + none.wall
    own, theirs = applied.cpu - planned.cpu - none.cpu, bare.cpu - none.cpu
    row(f"start-up: plan of {count:,} tasks, and importing litellm", f"{start_up:.1f} s")
    row(f"bare loop of litellm, {count:,} calls, {PARALLEL} at once, best of {RUNS}", _both(bare))
    row(f"octops apply, {count:,} runs, {where}, best of {RUNS}", _both(applied))
    makespans = [applied.wall / (count / PARALLEL + start_up) for _, applied in pairs]
    row("  makespan against 10 s and start-up", *_spread(makespans), "<= 1.25")
    against = [applied.wall / (bare.wall + planned.wall) for bare, applied in pairs]
    row("  makespan against the bare loop's, plan included", *_spread(against))
    row("  CPU against the bare loop", *_spread([applied.cpu / bare.cpu for bare, applied in pairs]), "<= 1.5")
    row("  the same, best against best", f"{applied.cpu / bare.cpu:.2f} x")
    row("  the same, without start-up", f"{own / theirs:.2f} x ({own / count * 1000:.1f} ms a run)")
    row("  the same, against a loop as one would write it", f"{applied.cpu / plain.cpu:.2f} x ({plain.cpu:.1f} s CPU)")


def _applied(place: Place, count: int) -> Taken:
    applied = place.octops("apply", "--auto-approve", "--parallelism", str(PARALLEL), "--now", NOW)
    assert f"{count} completed" in applied.out, applied.out[-500:]
    return applied


def _least(measured: Iterable[Taken]) -> Taken:
    return min(measured, key=lambda taken: taken.cpu)


def _both(taken: Taken) -> str:
    return f"{taken.wall:.1f} s, {taken.cpu:.1f} s CPU"


def _spread(ratios: Sequence[float]) -> tuple[str]:
    return (f"{statistics.median(ratios):.2f} x ({min(ratios):.2f}-{max(ratios):.2f})",)


def _bare(place: Place, base: str, calls: int, loop: str = BARE_LOOP) -> Taken:
    return place.process([sys.executable, "-c", loop, base, str(calls), str(PARALLEL), PROMPT])


def _pushes(place: Place) -> int:
    return int(place.git("--git-dir", str(place.remote), "rev-list", "--count", BRANCH))


def idle(folder: Path) -> None:
    """Nothing due: 1,000 tasks, 10,000 records."""
    for remote in (False, True):
        place = make_place(folder / f"idle-{remote}", 1000, remote=remote)
        _with_past(place, 10_000)
        apply = ("apply", "--auto-approve", "--now", NOW)
        place.octops(*apply)
        place.octops("validate")
        validated = median(lambda place=place: place.octops("validate"), 11)  # type: ignore[misc]
        applied = median(lambda place=place, apply=apply: place.octops(*apply), 11)  # type: ignore[misc]
        assert "No changes" in applied.out, applied.out[-500:]
        if not remote:
            row("octops validate, 1,000 tasks", f"{validated.wall:.3f} s")
        where = "a file remote" if remote else "no remote"
        row(f"octops apply, nothing due, 10,000 records, {where}", *_against(applied.wall, validated.wall), "<= 3 x")
        row("  CPU of it, git's included", *_against(applied.cpu, validated.cpu))
        loaded = place.process([sys.executable, "-c", UNIMPORTED, *apply]).err.rpartition("loaded:")[2]
        row("  imported of litellm, mcp, openai, httpx", loaded.strip() or "none", "none of litellm, mcp")


def _against(measured: float, other: float) -> tuple[str]:
    return (f"{measured:.3f} s {measured / other:.2f} x",)


def _with_past(place: Place, records: int) -> None:
    """The ledger lies on the remote, where there is one, and nothing of it in the clone."""
    now = datetime.fromisoformat(NOW)
    write_ledger(place.root, records=records, now=now, activated_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    if place.remote.exists():
        place.git("push", "-q", "origin", BRANCH)
        place.git("branch", "-q", "-D", BRANCH)


def ledger(folder: Path, records: int = 100_000) -> None:
    """A long past: what a first plan transfers, what it adds, and how soon runs are listed."""
    place = make_place(folder / "ledger", 1000)
    place.octops("plan", "--now", NOW)
    without = median(lambda: place.octops("plan", "--now", NOW))
    started = time.perf_counter()
    _with_past(place, records)
    row(f"making a ledger of {records:,} records", f"{time.perf_counter() - started:.0f} s")
    before = place.copy_bytes
    first = place.octops("plan", "--now", NOW)
    assert "No changes" in first.out, first.out[-500:]
    row(
        f"octops plan, {records:,} records, first: transferred",
        f"{(place.copy_bytes - before) / 1e6:.2f} MB",
        "<= 5 MB",
    )
    row("  adds to a plan without a ledger", f"{first.wall - without.wall:.2f} s", "<= 2 s")
    again = median(lambda: place.octops("plan", "--now", NOW))
    row("octops plan, again: adds", f"{again.wall - without.wall:.2f} s")
    before = place.copy_bytes
    listed = place.octops("runs", "--limit", "20")
    row("octops runs --limit 20, first", f"{listed.wall:.2f} s, {(place.copy_bytes - before) / 1e6:.1f} MB")
    listed = median(lambda: place.octops("runs", "--limit", "20"))
    row("octops runs --limit 20, again", f"{listed.wall:.2f} s", "<= 1 s")


def pushes(folder: Path, count: int = 200) -> None:
    """How often the remote is written to, counted by the remote."""
    for latency in (0.0, 1.0):
        with model_server(latency) as base:
            place = make_place(folder / f"pushes-{latency}", count, base)
            log = place.root.parent / "pushes"
            hook = place.remote / "hooks/post-receive"
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\ncat >>'{log}'\n")
            hook.chmod(0o755)
            applied = place.octops("apply", "--auto-approve", "--now", NOW)
            assert f"{count} completed" in applied.out, applied.out[-500:]
            pushed = len(log.read_text().splitlines())
            name = f"pushes at {count} due slots, the model answers after {latency:.0f} s"
            row(name, f"{pushed} = {pushed / count:.3f} a run", "<= 0.1")
            row("  makespan", f"{applied.wall:.1f} s")


PARTS: dict[str, Callable[[Path], None]] = {"runs": runs, "idle": idle, "ledger": ledger, "pushes": pushes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[*PARTS], action="append")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for part in options.only or PARTS:
            PARTS[part](Path(scratch))


if __name__ == "__main__":
    main()
