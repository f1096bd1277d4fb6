"""A disk that runs full: said in plain words, nothing in the ledger is lost, and with room everything is done once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.apply.world import MORNING, Asked, World, slot, world
from tests.kit import GitProject
from tests.modelserver import Say

NAMES = ("one", "two", "three")
TASKS = {
    f"tasks/{name}.yaml": f"prompt: Say {name}.\nschedule: {MORNING}\n"
    f"destinations: [{{type: file, path: answers/{name}.md}}]\n"
    for name in NAMES
}
RUNS = {slot(name) for name in NAMES}
SIZE = "6m"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, which holds a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small disk can only be mounted by root, with the right to mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, leave: int = 0) -> None:
    """Use up the disk but for `leave` bytes."""
    size = 1 << 20
    with (folder / "filler").open("ab", buffering=0) as file:
        while size:
            try:
                file.write(b"x" * size)
            except OSError:
                size //= 2
        os.ftruncate(file.fileno(), os.fstat(file.fileno()).st_size - leave)


def make_room(folder: Path) -> None:
    (folder / "filler").unlink(missing_ok=True)


@contextmanager
def without_a_remote(folder: Path, small: Path) -> Iterator[World]:
    with world(small, TASKS) as made:
        yield made


@contextmanager
def with_a_remote_elsewhere(folder: Path, small: Path) -> Iterator[World]:
    with world(folder, TASKS, remote=True) as made:
        root = small / "clone"
        made.project.git("clone", "-q", str(made.remote), str(root))
        yield replace(made, project=GitProject(root))


@contextmanager
def with_a_remote_that_is_small(folder: Path, small: Path) -> Iterator[World]:
    with world(folder, TASKS, remote=True) as made:
        remote = shutil.move(str(made.remote), small / "remote.git")
        made.project.git("remote", "set-url", "origin", str(remote))
        yield replace(made, remote=Path(remote))


PLACES = (without_a_remote, with_a_remote_elsewhere, with_a_remote_that_is_small)


def end_leases(made: World) -> None:
    for path in made.open_claims():
        claim = json.loads(made.ledger_text(path))
        made.rewrite(path, json.dumps({**claim, "lease_until": "2026-03-02T08:00:00Z"}).encode())


def complaints(made: World, code: int, err: str) -> list[str]:
    """What is wrong with how a full disk was told."""
    said = [f"exit {code}"] if code not in (1, 3) else []
    said += [] if "error[disk-full]" in err and "make room there and apply again" in err else [err]
    litter = [path.name for path in made.project.root.glob(".git/**/fast_import_crash_*")]
    return said + litter + [word for word in ("Traceback", "This is a bug") if word in err]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("leave", [0, 16 * 1024, 64 * 1024], ids=["nothing left", "16 KiB left", "64 KiB left"])
def test_a_disk_that_is_full_ends_the_apply_before_anything_is_spent_or_lets_it_end_well(
    tmp_path: Path, small: Path, place: Callable[..., contextmanager[World]], leave: int
) -> None:
    with place(tmp_path, small) as made:
        fill(small, leave)
        outcome = made.apply()
        if outcome.code != 0:
            assert complaints(made, outcome.code, outcome.err) == []
            assert (outcome.code, made.server.journal) == (1, []) or outcome.code == 3
        make_room(small)
        end_leases(made)
        assert made.apply(now="2026-03-02T09:00Z").code == 0
        assert finished_once(made)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_disk_that_runs_full_while_models_think_is_told_and_the_next_apply_does_every_run_once(
    tmp_path: Path, small: Path, place: Callable[..., contextmanager[World]]
) -> None:
    with place(tmp_path, small) as made:

        def answer(asked: Asked) -> Say:
            fill(small)
            return Say(text="All is well.")

        made.models.acts["default"] = answer
        outcome = made.apply()
        assert (outcome.code, complaints(made, outcome.code, outcome.err)) == (3, [])
        assert all(f"{run} could not be written to the ledger" in outcome.out for run in RUNS)
        assert "Apply incomplete." in outcome.out
        make_room(small)
        made.models.acts.clear()
        assert (made.records(), len(made.open_claims())) == ({}, len(RUNS))
        end_leases(made)
        assert made.apply(now="2026-03-02T09:00Z").code == 0
        assert finished_once(made)


def finished_once(made: World) -> bool:
    records = [path for path in made.ledger_files() if path.startswith("runs/") and path.endswith(".json")]
    statuses = {run: record["status"] for run, record in made.records().items()}
    made.git("fsck", "--strict")
    return len(records) == len(RUNS) and statuses == dict.fromkeys(RUNS, "completed") and not made.open_claims()


@pytest.mark.parametrize("command", [["plan"], ["validate"], ["runs"], ["status"], ["state", "doctor"]], ids=" ".join)
def test_looking_needs_no_room_or_says_what_is_missing(tmp_path: Path, small: Path, command: list[str]) -> None:
    with with_a_remote_elsewhere(tmp_path, small) as made:
        assert made.apply().code == 0
        fill(small)
        outcome = made.octops(*command)
        assert outcome.code == 0 or complaints(made, outcome.code, outcome.err) == [], outcome.err
