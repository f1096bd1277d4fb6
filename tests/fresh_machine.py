"""The README on a fresh machine: a new clone, an empty home, and nothing but the commands that README.md names.

python3 tests/fresh_machine.py            all of them, with the model that the README takes (1.1 GB) and the tests
python3 tests/fresh_machine.py --short    as the gate does: the small model, kept in this user's cache, and no tests

What a model says is never looked at, only what stands around it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"<!-- readme:(?P<kind>\w+) -->\n```\w*\n(?P<text>.*?)```\n", re.DOTALL)
SMALL = "local/qwen2.5-coder-0.5b"
KEPT = re.compile(r"PIP_\w+|\w+_proxy|\w+_PROXY|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE")
"""What belongs to the way to the package index, and not to a person."""
UNFIT = re.compile(r"error\[(no-source|machine)\]: .*")
"""The weights cannot be had here, or not be loaded: no fault of the README."""
PHASE = re.compile(r"=== (\d of \d): |(1)\. ")
LONGEST_SILENCE = 30.0


@dataclass
class Machine:
    """A folder that stands for a machine nobody has used: `clone`, `home`, `own` (a repository of somebody's)."""

    root: Path
    more: Mapping[str, str]

    @property
    def clone(self) -> Path:
        return self.root / "octops"

    @property
    def own(self) -> Path:
        return self.root / "own"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
        paths = [it for it in os.environ["PATH"].split(":") if it != f"{os.environ.get('VIRTUAL_ENV')}/bin"]
        folders = {"HOME": str(self.root / "home"), "TMPDIR": str(self.root / "tmp")}
        return {**kept, "PATH": ":".join(paths), "LANG": "C.UTF-8", **folders, **self.more}

    @property
    def cache(self) -> Path:
        return Path(self.more.get("XDG_CACHE_HOME", str(self.root / "home/.cache")))

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=cwd or self.root,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout


@dataclass
class Done:
    """One command: what it said, how long it took, and the longest time in which it said nothing."""

    command: str
    code: int = 0
    seconds: float = 0
    silence: float = 0
    lines: list[str] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return "\n".join(self.lines)


def commands(readme: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Kind and command in the order of the README; two spaces and more begin what is said about it."""
    for block in BLOCK.finditer(readme):
        if block["kind"] in kinds:
            yield from ((block["kind"], re.split(r" {2,}", line)[0]) for line in block["text"].splitlines())


def prepare(machine: Machine, *, uncommitted: bool) -> None:
    for name in ("home", "tmp", "own", "own.git"):
        (machine.root / name).mkdir()
    machine.git("clone", "--quiet", "--no-hardlinks", str(ROOT), str(machine.clone))
    if uncommitted:
        listed = machine.git("ls-files", "-z", "--modified", "--others", "--exclude-standard", cwd=ROOT).split("\0")
        for path in filter(None, listed):
            target = machine.clone / path
            target.unlink(missing_ok=True)
            if (ROOT / path).exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / path, target)
        machine.git("add", "--all", cwd=machine.clone)
        machine.git("commit", "--quiet", "--allow-empty", "--message", "as it stands", cwd=machine.clone)
    machine.git("init", "--quiet", "--bare", str(machine.root / "own.git"))
    machine.git("init", "--quiet", "--initial-branch=main", cwd=machine.own)
    machine.git("commit", "--quiet", "--allow-empty", "--message", "begun", cwd=machine.own)
    machine.git("remote", "add", "origin", str(machine.root / "own.git"), cwd=machine.own)
    machine.git("push", "--quiet", "origin", "main", cwd=machine.own)


def run(machine: Machine, kind: str, command: str) -> Done:
    print(f"\n$ {command}", flush=True)
    done = Done(command)
    environment = machine.environment
    if kind == "own":
        # A task counts from the commit that adds it.
        machine.git("add", "--all", cwd=machine.own)
        machine.git("commit", "--quiet", "--allow-empty", "--message", "as it stands", cwd=machine.own)
        environment["PATH"] = f"{machine.clone / '.venv/bin'}:{environment['PATH']}"
    process = subprocess.Popen(
        ["sh", "-c", command],
        cwd=machine.own if kind == "own" else machine.clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    began_at = said_at = time.monotonic()
    assert process.stdout is not None
    for line in process.stdout:
        now = time.monotonic()
        done.silence, said_at = max(done.silence, now - said_at), now
        done.lines.append(line.rstrip("\n"))
        if phase := PHASE.match(line):
            done.phases[phase[1] or phase[2]] = now - began_at
        print(f"{now - began_at:6.1f}  {line.rstrip()[:160]}", flush=True)
    done.code = process.wait()
    done.seconds = time.monotonic() - began_at
    return done


def complaints(machine: Machine, kind: str, done: Done) -> Iterator[str]:
    """What is not as the README promises."""
    if done.code != 0:
        yield f"exit code {done.code}"
        return
    if done.silence > LONGEST_SILENCE:
        yield f"it said nothing for {done.silence:.0f} s"
    if kind == "run":
        yield from _tried(machine, done)
    if kind == "look" and not re.search(
        r"^Plan: \d+ to add, \d+ to change, \d+ to destroy\.$", done.said, re.MULTILINE
    ):
        yield "no plan was shown"
    if kind == "own" and not list(machine.own.glob("tasks/*.yaml")):
        yield "there is no task"


def _tried(machine: Machine, done: Done) -> Iterator[str]:
    steps = re.findall(r"^(\d)\. ", done.said, re.MULTILINE)
    if steps != ["1", "2", "3", "4", "5"]:
        yield f"the demo's steps were {steps}"
    if len(re.findall(r"^  record +runs/\d{4}/\d\d/\d\d/[\w-]+--\w+\.json$", done.said, re.MULTILINE)) != 2:
        yield "there are not two records"
    if not list(machine.cache.glob("octops/models/*.gguf")):
        yield f"there are no weights in {machine.cache}"
    if left := [it.name for it in (machine.root / "tmp").iterdir() if it.name.startswith("octops")]:
        yield f"it left {left}"
    if changed := machine.git("status", "--porcelain", cwd=machine.clone):
        yield f"it changed the clone: {changed}"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--short", action="store_true", help="the small model from the user's cache, and no tests")
    asked.add_argument("--uncommitted", action="store_true", help="the work tree as it stands, not the last commit")
    asked.add_argument("--no-tests", action="store_true", help="leave the test command out")
    given = asked.parse_args()
    more = {}
    if given.short:
        more["OCTOPS_DEMO_MODEL"] = os.environ.get("OCTOPS_DEMO_MODEL", SMALL)
        more["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    kinds = ("run", "look", "own") if given.short or given.no_tests else ("run", "look", "own", "test")
    with tempfile.TemporaryDirectory(prefix="fresh-machine-", ignore_cleanup_errors=True) as folder:
        machine = Machine(Path(folder).resolve(), more)
        prepare(machine, uncommitted=given.uncommitted)
        return walk(machine, list(commands((machine.clone / "README.md").read_text(encoding="utf-8"), kinds)))


def walk(machine: Machine, found: list[tuple[str, str]]) -> int:
    skipped, wrong, told = 0, 0, []
    for kind, command in found:
        done = run(machine, kind, command)
        unfit = UNFIT.search(done.said) if kind == "run" and done.code else None
        if unfit:
            skipped += 1
            told.append(f"SKIPPED  {command}: {unfit[0]}")
            continue
        faults = list(complaints(machine, kind, done))
        wrong += bool(faults)
        phases = "".join(f"; {name} after {seconds:.0f} s" for name, seconds in done.phases.items())
        silence = f"silent for {done.silence:.0f} s at most"
        told.append(f"{'WRONG' if faults else 'ok':7}  {done.seconds:6.1f} s  {command} ({silence}{phases})")
        told += [f"         {fault}" for fault in faults]
    print("\n" + "\n".join(told))
    print(f"\nfresh machine: {len(found)} commands, {wrong} wrong, {skipped} skipped")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
