"""The command line in a fresh process each time, forked from one that has paid for the imports: 0.2 s for 4 s.

`python -m tests.apply.warm` reads one request a line and answers with the exit code.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.kit import ROOT, Outcome, clean_environment


def octops(root: Path, arguments: tuple[str, ...], environment: Mapping[str, str]) -> Outcome:
    """As `GitProject.octops`, with everything imported before."""
    process = _process()
    assert process.stdin is not None
    assert process.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        streams = {"out": f"{folder}/out", "err": f"{folder}/err"}
        env = clean_environment(root.parent / "home", **environment)
        request = {"arguments": arguments, "cwd": str(root), "env": env, **streams}
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        return Outcome(code, *(Path(path).read_bytes().decode() for path in streams.values()))


@cache
def _process() -> subprocess.Popen[str]:
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.apply.warm"],
            cwd=ROOT,
            env=clean_environment(Path(home), PYTHONPATH=str(ROOT)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[str]) -> None:
    """It ends when there is nothing more to read."""
    process.communicate()


def main() -> None:
    from octops.run.llm import preload

    for name in ("octops.app.applying", "octops.app.starting_run", "octops.run.runner", "octops.cli.apply"):
        importlib.import_module(name)
    preload()
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _child(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _child(request: Mapping[str, Any]) -> None:
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    # It remembers the TMPDIR of the process it was forked from.
    tempfile.tempdir = None
    for number, path in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    from octops.cli import dispatch

    code = 70
    try:
        code = dispatch(request["arguments"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
