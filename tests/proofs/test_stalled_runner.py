"""A runner that was away for longer than its lease: what it finds when it wakes is no longer its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.proofs.gates import Gates
from tests.proofs.loopback import Loopback
from tests.proofs.world import World, settings, task, webhook

ASKING = "asking@20260302T080000Z"
SENDING = "sending@20260302T080000Z"


@pytest.mark.slow
def test_a_stalled_runner_that_wakes_after_its_lease_delivers_nothing_and_writes_only_what_it_spent(
    tmp_path: Path,
) -> None:
    """One of its runs was waiting for the model, the other for two webhooks, when it was stopped."""
    gates = Gates(("model", ASKING), ("delivery", "again"), ("delivery", "once"))
    with Loopback(gates) as loopback:
        world = _world(tmp_path / "world", loopback.port)
        stalled = world.apply()
        assert gates.arrived(), world.said()
        os.kill(stalled.pid, signal.SIGSTOP)

        world.end_leases()
        taken_over = world.apply(project=world.clone("other")).wait(60)
        writes, received, recorded = world.writes(), list(loopback.received), world.files("runs/")

        gates.let_go()
        os.kill(stalled.pid, signal.SIGCONT)
        woken = stalled.wait(60)

    assert (taken_over, woken) == (3, 0), world.said()
    assert world.writes() == [*writes, "octops: 1 charged"]
    assert world.files("runs/") == recorded
    (spent,) = world.heads()["asking"]["spent_usd"].values()
    (record,) = (it for it in world.records() if it["run"] == ASKING)
    assert spent == pytest.approx(2 * record["usage"]["cost_usd"])
    assert loopback.received == received
    records = {record["run"]: record for record in world.records()}
    assert {run: record["status"] for run, record in records.items()} == {ASKING: "completed", SENDING: "completed"}
    assert [it.text for it in received if it.run == ASKING] == [records[ASKING]["text"]]
    assert {it.text for it in received if it.run == SENDING} == {records[SENDING]["text"]}
    again, once = records[SENDING]["deliveries"]
    assert (again["status"], once["status"]) == ("delivered", "unknown")
    assert [it.id for it in received if it.hook == "again"] == [again["id"]] * 2
    assert [it.id for it in received if it.hook == "once"] == [once["id"]]
    assert not world.claims()


def _world(folder: Path, port: int) -> World:
    return World.make(
        folder,
        {
            "octops.yaml": settings(port),
            "tasks/asking.yaml": task(webhook(port, "asking")),
            "tasks/sending.yaml": task(webhook(port, "again"), webhook(port, "once", "at_most_once")),
        },
    )
