"""What a pull request's plan costs beside validating everything: `python tests/benchmarks/comparing.py` prints a table.

10,000 tasks, of which a branch changes 20. Figures are CPU seconds (user and system) of whole processes with git's
included, taken in turn so that a busy machine disturbs all alike; the ratio of medians is what counts. "First" means
without anything cached. Byte-compile the environment first, or every process compiles every module.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.reading import make_project  # noqa: E402

TASKS = 10_000
CHANGED = 20
ROUNDS = 5
WANTED = 0.5

PLAN = ("plan", "--base", "base", "--now", "2026-12-01T08:00Z")
MEASURED: dict[str, tuple[tuple[str, ...], str, bool]] = {
    "octops validate, first": (("validate",), "tasks", True),
    "octops validate, again": (("validate",), "tasks", False),
    f"octops plan --base, {CHANGED} tasks changed, first": (PLAN, "tasks", True),
    f"octops plan --base, {CHANGED} tasks changed, again": (PLAN, "tasks", False),
    f"octops plan --base, {CHANGED} tasks changed, Markdown": ((*PLAN, "--format", "markdown"), "tasks", True),
    "octops plan --base --ref, the tasks of a commit": ((*PLAN, "--ref", "tasks"), "base", True),
    "octops plan --base, a skill of all of them changed": (PLAN, "skill", True),
    "octops plan --base, nothing changed": (PLAN, "base", True),
}
"""Name → arguments, the branch that is checked out, and whether nothing may be cached."""


def branches(root: Path) -> None:
    """`base`; `tasks`, which edits the prompts of some tasks; `skill`, which edits the skill that every task has."""
    _git(root, "branch", "-m", "base")
    _git(root, "switch", "-q", "-c", "tasks")
    for number in range(0, TASKS, TASKS // CHANGED):
        path = root / f"tasks/digest-{number:05}.yaml"
        path.write_text(path.read_text().replace("newest first", "oldest first"))
    _git(root, "commit", "-qam", "tasks")
    _git(root, "switch", "-q", "-c", "skill", "base")
    skill = root / "skills/plain-writing.md"
    skill.write_text(skill.read_text() + "Be kind.\n")
    _git(root, "commit", "-qam", "skill")


def _git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True)


def cpu_seconds(arguments: Sequence[str], *, cwd: Path, home: Path, fresh: bool) -> float:
    if fresh:
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "octops", *arguments]
    subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        root = make_project(folder, TASKS)
        branches(root)
        found: dict[str, list[float]] = {name: [] for name in MEASURED}
        for _ in range(ROUNDS):
            for name, (arguments, branch, fresh) in MEASURED.items():
                _git(root, "switch", "-q", branch)
                home = folder / "home"
                found[name].append(cpu_seconds(arguments, cwd=root, home=home, fresh=fresh))
        first, again = (statistics.median(times) for times in list(found.values())[:2])
        print(f"{'':<56} {'CPU':>8} {'of first':>9} {'of again':>9}")
        for name, times in found.items():
            taken = statistics.median(times)
            wanted = f"   wanted <= {WANTED}" if f"{CHANGED} tasks" in name else ""
            print(f"{name:<56} {taken:6.2f} s {taken / first:7.2f} x {taken / again:7.2f} x{wanted}")


if __name__ == "__main__":
    main()
