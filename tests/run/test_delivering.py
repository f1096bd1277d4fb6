from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from octops.destinations.surroundings import CommitRequest, Surroundings
from octops.ledger.outcome import Outcome, Refusal, Transition, refuse
from octops.ledger.results import Deliver
from octops.model.ids import DestinationId, RunId, TaskId
from octops.model.project import Destination, Project
from octops.model.run import Delivery, DeliveryStatus, Record, RunStatus
from octops.redaction import Redactor
from octops.run.delivering import Deliveries, Fenced
from octops.run.site import Site

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEAM = DestinationId("team")


@dataclass
class Place:
    """Where one answer is delivered from: a clock that jumps, a ledger that says what it is told to, a file."""

    jumps: Iterator[timedelta]
    refusal: Refusal | None = None
    now: datetime = NOW
    noted: list[DeliveryStatus] = field(default_factory=list)
    filed: list[str] = field(default_factory=list)

    async def write(self, *transitions: Transition) -> tuple[Outcome, ...]:
        self.noted += [it.delivery.status for it in transitions if isinstance(it, Deliver)]
        return tuple(refuse(self.refusal) if self.refusal else Outcome() for _ in transitions)

    async def commit(self, request: CommitRequest) -> str:
        self.filed.append(request.path)
        return "c0ffee"

    def clock(self) -> datetime:
        self.now += next(self.jumps, timedelta())
        return self.now

    def deliveries(self, status: DeliveryStatus) -> Deliveries:
        destination = Destination(id=TEAM, path="destinations/team.yaml", type="file", config={"path": "a.md"})
        known: dict[str, Any] = {
            "now": self.clock,
            "leases": self.clock,
            "project": Project(tasks={}, destinations={TEAM: destination}),
            "redactor": Redactor(()),
            "deliveries": Surroundings(secrets={}, commit=self.commit, now=lambda: NOW, version="1"),
        }
        site: Site = SimpleNamespace(**known)  # type: ignore[assignment]
        delivery = Delivery(id="d1", destination=TEAM, recipient="a.md", status=status)
        record = Record(
            run=RunId("a@x"),
            task=TaskId("a"),
            scheduled_at=None,
            status=RunStatus.COMPLETED,
            finished_at=NOW,
            text="All is well.",
            deliveries=(delivery,),
        )
        return Deliveries(record, "n1", site, self.write, lambda event: None, {}, heard_at=NOW)


async def test_what_is_noted_as_sending_is_sent_without_asking_again() -> None:
    place = Place(jumps=iter(()))

    record = await place.deliveries(DeliveryStatus.SENDING).deliver()

    assert (place.noted, place.filed) == ([], ["a.md"])
    assert [it.status for it in record.deliveries] == [DeliveryStatus.DELIVERED]


async def test_a_runner_that_was_away_for_long_holds_the_run_before_it_sends() -> None:
    place = Place(jumps=iter((timedelta(minutes=11),)))

    await place.deliveries(DeliveryStatus.SENDING).deliver()

    assert (place.noted, place.filed) == ([DeliveryStatus.SENDING], ["a.md"])


async def test_a_runner_that_is_away_while_the_ledger_answers_asks_again() -> None:
    place = Place(jumps=iter((timedelta(), timedelta(), timedelta(minutes=11))))

    await place.deliveries(DeliveryStatus.PENDING).deliver()

    assert (place.noted, place.filed) == ([DeliveryStatus.SENDING] * 2, ["a.md"])


@pytest.mark.parametrize("status", [DeliveryStatus.PENDING, DeliveryStatus.SENDING])
@pytest.mark.parametrize("refusal", list(Refusal))
async def test_a_runner_that_no_longer_holds_the_run_sends_nothing(status: DeliveryStatus, refusal: Refusal) -> None:
    place = Place(jumps=iter((timedelta(minutes=11),)), refusal=refusal)

    with pytest.raises(Fenced):
        await place.deliveries(status).deliver()

    assert place.filed == []
