from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from tests.kit import PATIENCE, ROOT, SOON

SCRIPT = """
import asyncio, sys
from octops.cli import carrying

carrying.LAST_SECONDS, carrying.END_SECONDS = {given}, {end}

async def work():
    print("started", flush=True)
    try:
        await asyncio.sleep(30)
    finally:
        {last}

try:
    print("interrupted" if carrying.carry_out(work()) else "done")
finally:
    print("left", flush=True)
"""


def interrupted(last: str, *, given: float = 0.3, end: float = 5.0) -> tuple[int, str, float]:
    """The exit code, the words and the seconds of work that does `last` when it is cancelled."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(last=last, given=given, end=end)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    sent_at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, out, time.monotonic() - sent_at


def test_what_is_in_hand_is_brought_to_its_end() -> None:
    assert interrupted("await asyncio.sleep(0.1); print('written')", given=SOON)[:2] == (
        0,
        "written\ninterrupted\nleft\n",
    )


def test_giving_back_that_takes_too_long_is_cut_short() -> None:
    code, out, seconds = interrupted("await asyncio.sleep(20); print('written')")

    assert (code, out) == (0, "interrupted\nleft\n")
    assert seconds < SOON


def test_a_process_that_is_held_up_ends_all_the_same() -> None:
    code, out, seconds = interrupted("await asyncio.to_thread(__import__('time').sleep, 20)", end=0.6)

    assert code == 130
    assert "claims that are left end with their lease" in out
    assert seconds < SOON


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc to close")
def test_its_own_environment_is_closed_to_its_children() -> None:
    """A process that is not dumpable has files under /proc that only root can read."""
    script = """
import ctypes
from octops.cli.carrying import carry_out
async def work():
    print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE
carry_out(work())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "0\n"
