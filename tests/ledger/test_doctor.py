from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from octops.ledger.claims import Take
from octops.ledger.doctor import examine
from octops.ledger.documents import Claim, encode
from octops.ledger.ledger import Ledger
from octops.ledger.results import Finish
from octops.repository import Repository
from octops.repository.commits import Draft
from tests.ledger.kit import LEASE, NOW, RUN, MemoryBranch, Origin, claim, record
from tests.repository.sandbox import ENVIRON, Sandbox, git


def examined(files: dict[str, bytes]) -> list[str]:
    """The codes found in a ledger to which somebody added files by hand."""
    origin = Origin()
    branch = MemoryBranch(origin)
    ledger = Ledger(branch=branch, clock=lambda: NOW)
    ledger.write([Take(claim=claim("n", run="other@x", slot=None))])
    draft = Draft(parent=origin.tip, files=files, message="by hand", committed_at=NOW)
    branch.move(origin.tip, branch.build(draft))
    return [diagnostic.code for diagnostic in examine(ledger, NOW)]


def opened(wanted: Claim) -> dict[str, bytes]:
    return {"open/digest--20260302T070000Z.json": encode(wanted)}


def test_a_sound_ledger_has_nothing_to_say() -> None:
    assert examined({}) == []


@pytest.mark.parametrize(
    ("files", "codes"),
    [
        (opened(replace(claim(), lease_until=NOW)), ["expired-claim"]),
        (opened(replace(claim(), lease_until=NOW, attempt=0, requested=True)), []),
        (opened(replace(claim(), claimed_at=NOW + timedelta(hours=1))), ["clock-skew"]),
        (opened(replace(claim(), lease_until=NOW + timedelta(days=2))), ["clock-skew"]),
        ({**opened(claim()), "runs/2026/03/02/digest--20260302T070000Z.json": b"{}"}, ["orphan-claim"]),
        ({"runs/2026/03/02/a--x.json": b"{}", "runs/2026/03/03/a--x.json": b"{}"}, ["two-records"]),
        ({"runs/2026/03/02/a--x.json": b"{}", "runs/2026/03/03/b--x.json": b"{}"}, []),
        ({"open/digest--20260302T070000Z.json": b"{"}, ["corrupt-ledger-file"]),
    ],
    ids=["expired", "requested", "skew", "long lease", "orphan", "twice", "two runs", "corrupt"],
)
def test_what_is_wrong_is_named(files: dict[str, bytes], codes: list[str]) -> None:
    assert examined(files) == codes


@pytest.fixture
def work(tmp_path: Path) -> Sandbox:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    sandbox = Sandbox.create(tmp_path / "work")
    sandbox.commit({"a": ""})
    sandbox.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    return sandbox


def doctor(sandbox: Sandbox) -> list[str]:
    repository = Repository.open(sandbox.top, environ=ENVIRON)
    assert repository is not None
    ledger = Ledger(branch=repository.branch("octops/runs"), clock=lambda: NOW)
    return [diagnostic.code for diagnostic in examine(ledger, NOW)]


def test_a_clone_that_may_write_is_told_so_and_nothing_is_written(work: Sandbox, tmp_path: Path) -> None:
    assert doctor(work) == []
    assert git(tmp_path / "remote.git", "for-each-ref") == ""


def test_a_remote_that_is_away_is_named(work: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "remote.git").rename(tmp_path / "gone.git")

    assert doctor(work) == ["remote-unreachable"]


def test_a_finished_ledger_is_sound(work: Sandbox) -> None:
    repository = Repository.open(work.top, environ=ENVIRON)
    assert repository is not None
    ledger = Ledger(branch=repository.branch("octops/runs"), clock=lambda: NOW)
    late = replace(claim(), lease_until=NOW + LEASE)
    ledger.write([Take(claim=late), Finish(run=RUN, nonce="n1", record=record())])

    assert doctor(work) == []
