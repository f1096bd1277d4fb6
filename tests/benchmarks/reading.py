"""How fast and how large reading is: files → project → plan. `python tests/benchmarks/reading.py` prints a table.

Every figure is a median over whole processes (5 of each, one for check-jsonschema), measured in turn on one machine.
Byte-compile the environment first (`python -m compileall -q .venv`), or every process compiles every module.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
RUNS = 5

SETTINGS = """\
version: 1
timezone: Europe/Berlin
variables: {organization_name: Example Ltd}
models:
  default: {model: anthropic/claude-sonnet-4-5, api_key: {env: ANTHROPIC_API_KEY}}
defaults: {model: default}
"""
TASK = """\
name: Digest for team {number}
description: What changed for team {number}, for the people who were busy elsewhere that day
prompt: |
  Compile the key updates of <<scheduled_date>> for <<organization_name>>, team {number}.
  Group them by product area and by person, newest first, and keep every line shorter than a tweet.

  For every update say:
  - what changed and why somebody should care about it,
  - who did it, and whom to ask when it breaks,
  - what is still open: decisions, reviews, releases, documentation.

  Leave out what only moved files around. When there is nothing to report, say so in one sentence
  and name the last day on which there was something. Never guess; say what you could not find out.
model: default
schedule:
  frequency: daily
  at: "{hour:02}:{minute:02}"
  catch_up: latest
timezone: Europe/Berlin
sources: [notes]
skills: [plain-writing]
destinations: [digest]
limits:
  turns: 10
  cost_usd: 0.50
tags: [digest, team-{number}]
owner: team-{number}@example.com
"""
OTHERS = {
    "octops.yaml": SETTINGS,
    "skills/plain-writing.md": "---\nname: plain-writing\ndescription: Short, concrete\n---\nWrite short sentences.\n",
    "sources/notes.yaml": 'type: local\npath: docs\ninclude: ["**/*.md"]\n',
    "destinations/digest.yaml": "type: webhook\nurl: https://hooks.example.com/digest\n",
}
BARE_LOOP = """\
import sys, yaml
from pathlib import Path
loader = yaml.CSafeLoader
for path in sorted(Path(sys.argv[1]).glob("tasks/*.yaml")):
    yaml.load(path.read_bytes(), loader)
"""


def make_project(folder: Path, tasks: int) -> Path:
    root = folder / f"project-{tasks}"
    for path, text in OTHERS.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "tasks").mkdir()
    for number in range(tasks):
        text = TASK.format(number=number, hour=number % 24, minute=number % 60)
        (root / f"tasks/digest-{number:05}.yaml").write_text(text)
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    subprocess.run(["git", *identity, "commit", "-qm", "tasks"], cwd=root, check=True)
    return root


def seconds(command: Sequence[str], *, cwd: Path, home: Path, runs: int = RUNS, fresh: bool = False) -> float:
    """The median wall time of a command; `fresh` empties the home (and with it the cache) before each run."""
    return statistics.median(_timed(command, cwd, home, fresh) for _ in range(runs))


def _timed(command: Sequence[str], cwd: Path, home: Path, fresh: bool) -> float:
    if fresh:
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def peak_megabytes(command: Sequence[str], *, cwd: Path, home: Path) -> float:
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [PYTHON, "-c", script, *command], cwd=cwd, env=environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024


def row(name: str, measured: float, against: float, wanted: str) -> None:
    print(f"{name:<52} {measured:8.3f} s {measured / against:8.2f} x   wanted {wanted}")


def main() -> None:
    octops = [PYTHON, "-m", "octops"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        home = folder / "home"
        projects = {count: make_project(folder, count) for count in (10, 100, 1000, 10_000)}
        big = projects[10_000]
        seconds([*octops, "plan"], cwd=projects[10], home=home, runs=1)

        imports = seconds([PYTHON, "-c", "import yaml, jinja2"], cwd=folder, home=home, runs=11)
        print(f"{'python -c import yaml, jinja2':<52} {imports:8.3f} s")
        row("octops --version", seconds([*octops, "--version"], cwd=folder, home=home, runs=11), imports, "<= 1.0")
        row(
            "octops plan, 10 tasks", seconds([*octops, "plan"], cwd=projects[10], home=home, runs=11), imports, "<= 3.0"
        )

        bare = seconds([PYTHON, "-c", BARE_LOOP, str(big)], cwd=folder, home=home)
        print(f"{'CSafeLoader over 10,000 files, bare loop':<52} {bare:8.3f} s")
        first = seconds([*octops, "validate"], cwd=big, home=home, fresh=True)
        row("octops validate, 10,000 tasks, first", first, bare, "<= 1.2")
        second = seconds([*octops, "validate"], cwd=big, home=home)
        row("octops validate, 10,000 tasks, again", second, first, "<= 0.3 of the first")
        for count in (100, 1000, 10_000):
            taken = seconds([*octops, "validate"], cwd=projects[count], home=home, fresh=True)
            print(
                f"{f'octops validate, {count:,} tasks, first':<52} {taken:8.3f} s {taken / count * 1000:8.3f} ms a task"
            )
        for count in (100, 1000, 10_000):
            taken = seconds([*octops, "plan"], cwd=projects[count], home=home)
            print(f"{f'octops plan, {count:,} tasks':<52} {taken:8.3f} s {taken / count * 1000:8.3f} ms a task")
        for command in ("validate", "plan"):
            peak = peak_megabytes([*octops, command], cwd=big, home=home)
            print(f"{f'peak memory of {command}, 10,000 tasks':<52} {peak:8.0f} MB   wanted <= 250 MB")
        check_jsonschema(big, first, folder, home)


def check_jsonschema(big: Path, validate: float, folder: Path, home: Path) -> None:
    """The usual way to check YAML files against a schema, where it is installed."""
    program = shutil.which("check-jsonschema", path=f"{Path(PYTHON).parent}:{os.environ['PATH']}")
    if program is None:
        print("check-jsonschema is not installed: `pip install check-jsonschema` to compare with it")
        return
    files = [str(path) for path in sorted((big / "tasks").glob("*.yaml"))]
    schema = str(ROOT / "schemas/task.schema.json")
    taken = seconds([program, "--schemafile", schema, *files], cwd=folder, home=home, runs=1)
    print(
        f"{'check-jsonschema, the same files and schema':<52} {taken:8.3f} s {taken / validate:8.1f} x   wanted >= 20"
    )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    main()
