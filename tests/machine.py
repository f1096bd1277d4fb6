"""A machine that lacks something, for one command: a disk with little room, a file that is another one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A new file system at `place`; the test is skipped where none can be mounted."""
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def with_file(stand_in: Path, path: str) -> tuple[str, ...]:
    """Words before a command, in front of which `path` is another file for that command alone."""
    under = ("unshare", "--mount", "sh", "-c", f'mount --bind "{stand_in}" "{path}" && exec "$@"', "sh")
    if subprocess.run([*under, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a file cannot be mounted over another one here")
    return under
