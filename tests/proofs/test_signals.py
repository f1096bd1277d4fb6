"""What an interrupted apply leaves: claims without an answer are given back, answers stay, nothing goes on running."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.proofs.gates import Gates
from tests.proofs.loopback import Loopback
from tests.proofs.world import World, settings, task, webhook
from tests.sources.kit import SERVERS, alive

RUN = "apples@20260302T080000Z"


@dataclass(frozen=True, slots=True)
class Interrupted:
    code: int
    seconds: float


def make(folder: Path, loopback: Loopback) -> World:
    """One due task with a source in a process of its own; one push a minute is allowed."""
    port = loopback.port
    server = f"type: mcp\ntransport: stdio\ncommand: {sys.executable}\n"
    return World.make(
        folder,
        {
            "octops.yaml": settings(port).replace("pushes_per_minute: 60", "pushes_per_minute: 1"),
            "tasks/apples.yaml": "sources: [web]\n" + task(webhook(port, "apples")),
            "sources/web.yaml": f"{server}args: [{SERVERS / 'raw.py'}, good, {folder / 'pids'}]\n",
        },
    )


def hasten(world: World, loopback: Loopback) -> None:
    world.project.write({"octops.yaml": settings(loopback.port)})


def interrupt(world: World, number: signal.Signals, gates: Gates) -> Interrupted:
    process = world.apply()
    assert gates.arrived(), world.said()
    assert alive(world.folder / "pids") or world.claims()[RUN].get("answer")
    sent_at = time.monotonic()
    process.send_signal(number)
    code = process.wait(30)
    return Interrupted(code, time.monotonic() - sent_at)


def test_interrupted_while_it_claims_the_claim_is_given_back(tmp_path: Path) -> None:
    with Loopback() as loopback:
        world = make(tmp_path / "world", loopback)
        world.hold_push("before", 1)
        process = world.apply()
        world.wait_for_push("before", 1)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        world.let_push_go()
        code = process.wait(30)

    assert (code, world.claims(), world.records(), loopback.asked) == (130, {}, [], []), world.said()
    assert world.writes() == ["octops: 1 applied, 1 claimed", "octops: 1 released"]


def test_interrupted_while_the_remote_is_away_it_ends_in_time_and_the_claim_ends_with_its_lease(tmp_path: Path) -> None:
    gates = Gates(("model", RUN))
    with Loopback(gates) as loopback:
        world = make(tmp_path / "world", loopback)
        process = world.apply()
        assert gates.arrived(), world.said()
        away = world.remote.rename(world.folder / "away.git")
        sent_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
        seconds = time.monotonic() - sent_at
        gates.let_go()
        away.rename(world.remote)

    assert (code, list(world.claims()), alive(world.folder / "pids")) == (130, [RUN], []), world.said()
    assert seconds < 10


@pytest.mark.slow
def test_interrupted_while_the_model_thinks_the_run_is_given_back_and_starts_anew(tmp_path: Path) -> None:
    gates = Gates(("model", RUN))
    with Loopback(gates) as loopback:
        world = make(tmp_path / "world", loopback)
        ended = interrupt(world, signal.SIGTERM, gates)
        left = (world.claims(), world.records(), alive(world.folder / "pids"))
        gates.let_go()
        hasten(world, loopback)
        world.advance(seconds=1)
        code = world.apply().wait(60)

    assert (ended.code, left) == (130, ({}, [], [])), world.said()
    assert ended.seconds < 10
    assert world.writes()[1] == "octops: 1 released"
    (record,) = world.records()
    assert (code, record["status"], record["attempt"]) == (0, "completed", 1)
    assert [it.text for it in loopback.received] == [record["text"]]


@pytest.mark.slow
def test_interrupted_while_it_delivers_the_answer_stays_and_the_next_apply_delivers_it(tmp_path: Path) -> None:
    gates = Gates(("delivery", "apples"))
    with Loopback(gates) as loopback:
        world = make(tmp_path / "world", loopback)
        hasten(world, loopback)
        ended = interrupt(world, signal.SIGINT, gates)
        left = (world.claims()[RUN]["answer"]["text"], alive(world.folder / "pids"))
        gates.let_go()
        world.advance(minutes=1)
        code = world.apply().wait(60)

    assert (ended.code, left) == (130, (loopback.asked[0].text, [])), world.said()
    assert ended.seconds < 10
    (record,) = world.records()
    assert (code, record["text"], [it["status"] for it in record["deliveries"]]) == (0, left[0], ["delivered"])
    assert len(loopback.asked) == 1
    assert [(it.id, it.text) for it in loopback.received] == [(record["deliveries"][0]["id"], left[0])] * 2
