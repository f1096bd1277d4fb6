"""The command line as a person has it: on a terminal that answers questions."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

from tests.kit import ROOT, GitProject, clean_environment


def on_a_terminal(project: GitProject, typed: str, *arguments: str, **environment: str) -> str:
    """Everything that was shown. `typed` is there before the first question."""
    ours, theirs = pty.openpty()
    home = project.root.parent / "home"
    variables = clean_environment(home, PYTHONPATH=str(ROOT), TERM="dumb", **environment)
    process = subprocess.Popen(
        [sys.executable, "-m", "octops", *arguments],
        cwd=project.root,
        env=variables,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    process.wait(60)
    return shown.decode(errors="replace").replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side has closed it.
        return b""
