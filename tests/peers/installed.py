"""Peers installed once, in a folder of their own outside the repository, or the reason why they are not."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.peers.versions import NPM, PYPI

SECONDS = 120
"""How long an installation may take."""


def cache() -> Path:
    """Where peers are kept between test runs: `OCTOPS_TEST_CACHE`, else a folder in the user's cache."""
    chosen = os.environ.get("OCTOPS_TEST_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache/octops-test-peers"


def npm(package: str) -> Path:
    """The folder of an npm package at its pinned version; skips the test where it cannot be had."""
    version = NPM[package]
    prefix = cache() / f"{package.rpartition('/')[2]}-{version}"
    folder = prefix / "node_modules" / package
    if _npm_version(folder) != version:
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        _install(package, ["npm", "install", "--prefix", str(prefix), f"{package}@{version}", *options])
    if _npm_version(folder) != version:
        pytest.skip(f"{package} {version} was installed and is not there")
    return folder


def pypi(package: str) -> Path:
    """A Python that can import the package at its pinned version; skips the test where there is none."""
    version = PYPI[package]
    if _importable(package) == version:
        return Path(sys.executable)
    prefix = cache() / f"{package}-{version}"
    python, done = prefix / "bin/python", prefix / "done"
    if not done.exists():
        _install(package, [sys.executable, "-m", "venv", "--clear", str(prefix)])
        _install(package, [str(python), "-m", "pip", "install", "--quiet", f"{package}=={version}"])
        done.touch()
    return python


def _importable(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _npm_version(folder: Path) -> str:
    try:
        document: Mapping[str, str] = json.loads((folder / "package.json").read_bytes())
    except FileNotFoundError:
        return ""
    return document["version"]


def _install(package: str, command: Sequence[str]) -> None:
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        pytest.skip(f"{package} cannot be installed: there is no `{command[0]}`")
    except subprocess.TimeoutExpired:
        pytest.skip(f"{package} cannot be installed: it took longer than {SECONDS} s")
    except subprocess.CalledProcessError as error:
        said = (error.stderr.strip().splitlines() or ["nothing was said"])[-1]
        pytest.skip(f"{package} cannot be installed: {said[:200]}")
