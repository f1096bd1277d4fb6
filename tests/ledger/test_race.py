"""Several processes on one remote, some of them in one clone. The orders are enumerated in test_interleavings."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.repository.sandbox import ENVIRON, Sandbox, git

SLOTS = 24
RUNNER = """
import json, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from octops.ledger.claims import Take
from octops.ledger.documents import Claim
from octops.ledger.ledger import Ledger, new_nonce
from octops.ledger.pace import Pace
from octops.ledger.writer import Writer
from octops.repository import Repository

directory, slots = Path(sys.argv[1]), int(sys.argv[2])
now = datetime(2026, 3, 2, tzinfo=UTC)
ledger = Ledger(branch=Repository.open(directory).branch("octops/runs"), clock=lambda: now)
won = []
with Writer(ledger, Pace(spacing=0.0), gather_seconds=0.0) as writer:
    for start in range(0, slots, 6):
        claims = [
            Claim(run=f"t{n}@x", task=f"t{n}", nonce=new_nonce(), runner="same", claimed_at=now,
                  lease_until=now + timedelta(hours=1))
            for n in range(start, min(start + 6, slots))
        ]
        for claim, future in zip(claims, writer.submit(*(Take(claim=claim) for claim in claims))):
            if future.result(60).accepted:
                won.append([claim.run, claim.nonce])
print(json.dumps(won))
"""


@pytest.mark.parametrize("clones", [4, 1], ids=["four clones", "one clone"])
def test_no_slot_is_started_twice_and_none_is_lost(tmp_path: Path, clones: int) -> None:
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    works = [Sandbox.create(tmp_path / f"work{number}") for number in range(clones)]
    for work in works:
        work.git("remote", "add", "origin", str(remote))

    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RUNNER, str(works[number % clones].top), str(SLOTS)],
            env={**ENVIRON, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
        )
        for number in range(4)
    ]
    won = [tuple(pair) for process in processes for pair in json.loads(process.communicate(timeout=120)[0])]

    starts = Counter(run for run, _ in won)
    assert len(starts) == SLOTS
    assert set(starts.values()) == {1}
    for run, nonce in won:
        kept = json.loads(git(remote, "show", f"octops/runs:open/{run.replace('@', '--')}.json"))
        assert kept["nonce"] == nonce
