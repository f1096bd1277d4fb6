"""A run that was claimed and waits for its turn is held however long that takes: its lease is renewed meanwhile."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from octops.app.applying import Application
from octops.app.planning import make_plan
from octops.app.wishes import Wishes, errands_of
from octops.app.workspace import open_workspace
from octops.ledger.claims import TakeOver
from octops.ledger.ledger import Ledger
from octops.ledger.outcome import Refusal
from octops.model.ids import RunId
from octops.repository.checkout import Repository
from octops.run.one import OneRun
from octops.run.places import Places
from tests.apply.world import MORNING, World, slot, world
from tests.kit import PATIENCE

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 2, 8, 47, tzinfo=UTC)
RUN = RunId(slot("digest"))
LEASE = timedelta(minutes=6)
"""The first lease of TASK's run."""
SPEED = 60
"""Seconds of the runners' clock in one of ours: the lease is over in six."""
TASK = f"prompt: Tell the news.\nschedule: {MORNING}\nlimits: {{seconds: 60}}\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, {"tasks/digest.yaml": TASK}) as made:
        yield made


def fast_clock() -> Callable[[], datetime]:
    began, at = time.monotonic(), NOW
    return lambda: (at + timedelta(seconds=SPEED * (time.monotonic() - began))).replace(microsecond=0)


class FastPlaces(Places):
    """Places where seconds are those of the fast clock."""

    async def converse(self, seconds: float) -> bool:
        return await super().converse(seconds / SPEED)


@dataclass(slots=True)
class Waiting:
    """A run that waits for the one place there is, which somebody else has."""

    made: World
    clock: Callable[[], datetime]
    places: Places
    carried: asyncio.Task[object]

    def lease_until(self) -> datetime | None:
        claims = [json.loads(self.made.ledger_text(path)) for path in self.made.open_claims()]
        return datetime.fromisoformat(claims[0]["lease_until"]) if claims else None

    def taken_over(self) -> Refusal | None:
        """What another runner hears that would take the run now."""
        repository = Repository.open(self.made.project.root)
        assert repository is not None
        now = self.clock()
        wanted = TakeOver(run=RUN, nonce="other", runner="other", now=now, lease_until=now + timedelta(hours=1))
        (outcome,) = Ledger(branch=repository.branch("octops/runs")).write([wanted])
        return outcome.refusal

    async def until_claimed(self) -> None:
        for _ in range(20 * PATIENCE):
            if self.lease_until() is not None:
                return
            await asyncio.sleep(0.05)


async def waits(made: World) -> Waiting:
    clock = fast_clock()
    workspace = open_workspace(made.project.root)
    planned = make_plan(workspace, NOW, to_apply=True)
    application = Application(workspace, planned, clock, lambda run, event: None)
    application.define(Wishes())
    (errand,) = errands_of(planned, Wishes())
    places = FastPlaces(1)
    assert await places.converse(SPEED)
    one = OneRun(errand, replace(application.site(), leases=clock), places, lambda: None)
    return Waiting(made, clock, places, asyncio.ensure_future(one.carry_out()))


async def test_a_claim_that_waits_for_its_turn_never_ends_and_nobody_can_take_it(made: World) -> None:
    waiting = await waits(made)
    await waiting.until_claimed()
    first, began = waiting.lease_until(), waiting.clock()
    assert first is not None
    seen = []
    while waiting.clock() - began <= 2 * LEASE:
        await asyncio.sleep(0.4)
        now, until = waiting.clock(), waiting.lease_until()
        seen.append(until is not None and until > now)
        assert waiting.taken_over() is Refusal.TAKEN
    assert all(seen)
    assert "renewed" in made.git("log", "--format=%s", "octops/runs")
    waiting.carried.cancel()
    with suppress(asyncio.CancelledError):
        await waiting.carried
    assert made.open_claims() == []


async def test_a_claim_that_was_taken_all_the_same_is_left_alone_when_its_turn_comes(made: World) -> None:
    """Its runner was asleep for longer than the lease: somebody else does the run."""
    waiting = await waits(made)
    await waiting.until_claimed()
    (path,) = made.open_claims()
    claim = json.loads(made.ledger_text(path))
    made.rewrite(path, json.dumps({**claim, "nonce": "another", "runner": "another"}).encode())
    assert await asyncio.wait_for(waiting.carried, PATIENCE) is None
    assert json.loads(made.ledger_text(path))["runner"] == "another"
    assert made.server.journal == []
