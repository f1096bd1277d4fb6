"""`try.sh` on machines that lack something: what is wrong, what to do, exit 1, and no environment half made."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.kit import ROOT, Outcome, clean_environment

TOOLS = ("sh", "dirname", "rm", "sleep", "git")
NOWHERE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple/", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the script needs of a clone, and a path with nothing but a few tools on it."""
    for name in ("clone", "bin"):
        (tmp_path / name).mkdir()
    for name in ("try.sh", "pyproject.toml", "uv.lock", "README.md"):
        shutil.copy(ROOT / name, tmp_path / "clone" / name)
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path / "clone"


def python(clone: Path, name: str, says: str = "") -> None:
    """A Python on the path: this one, or one that only says another version."""
    place = clone.parent / "bin" / name
    if says:
        place.write_text(f"#!/bin/sh\n[ \"$1\" = --version ] && echo '{says}' && exit 0\nexit 1\n")
    else:
        place.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    place.chmod(0o755)


def tried(clone: Path, *arguments: str, **more: str) -> Outcome:
    path = str(clone.parent / "bin")
    environment = {**clean_environment(clone.parent / "home"), "PATH": path, **more}
    done = subprocess.run(
        ["sh", "try.sh", *arguments], cwd=clone, env=environment, capture_output=True, timeout=120, check=False
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def refused(clone: Path, outcome: Outcome) -> str:
    assert outcome.code == 1, outcome.err
    assert re.search(r"^error: .+\n  = help: .+", outcome.err, re.MULTILINE)
    assert not (clone / ".venv").exists()
    return outcome.err


def test_a_python_that_is_too_old_is_told_with_the_ones_that_will_do(clone: Path) -> None:
    python(clone, "python3", says="Python 3.9.18")
    said = refused(clone, tried(clone))
    assert "octops needs Python 3.11, 3.12, 3.13 or 3.14, and there is Python 3.9.18 here" in said


def test_without_any_python_it_says_so(clone: Path) -> None:
    assert "there is no Python 3 here" in refused(clone, tried(clone))


def test_a_newer_python_beside_one_that_is_too_old_is_taken(clone: Path) -> None:
    python(clone, "python3", says="Python 3.9.18")
    python(clone, "python3.11")
    assert "+ python3.11 -m venv " in tried(clone, **NOWHERE).err


def test_without_git_it_says_so(clone: Path) -> None:
    python(clone, "python3")
    (clone.parent / "bin/git").unlink()
    assert "`git` was not found" in refused(clone, tried(clone))


def test_without_a_package_index_it_says_what_pip_needs_and_removes_the_environment(clone: Path) -> None:
    python(clone, "python3")
    said = refused(clone, tried(clone, **NOWHERE))
    assert "=== 2 of 3: " in said
    assert "a way to a package index" in said
    assert sorted(path.name for path in clone.iterdir()) == ["README.md", "pyproject.toml", "try.sh", "uv.lock"]


def test_an_environment_of_another_python_is_left_alone_and_named(clone: Path) -> None:
    python(clone, "python3")
    (clone / ".venv").mkdir()
    (clone / ".venv/mine.txt").write_text("mine")
    outcome = tried(clone)
    assert (outcome.code, "remove it or move it away" in outcome.err) == (1, True)
    assert (clone / ".venv/mine.txt").read_text() == "mine"


def test_an_environment_that_was_there_stays_when_pip_fails(clone: Path) -> None:
    python(clone, "python3")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", clone / ".venv"], check=True)
    outcome = tried(clone, **NOWHERE)
    assert (outcome.code, "there is one already" in outcome.err) == (1, True)
    assert (clone / ".venv/pyvenv.cfg").exists()


def test_it_takes_the_pythons_that_the_package_takes() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    low, high = re.findall(r"3\.\d+", wanted)
    script = (ROOT / "try.sh").read_text()
    pair = tuple(f"({version.replace('.', ', ')})" for version in (low, high))
    assert f"{pair[0]} <= sys.version_info[:2] < {pair[1]}" in script
    names = [f"python3.{minor}" for minor in range(int(high[2:]) - 1, int(low[2:]) - 1, -1)]
    assert f"for candidate in python3 {' '.join(names)}; do" in script
