from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from octops.destinations.attempts import LONGEST_REQUESTED_WAIT, Outcome, deliver_with_retries
from octops.destinations.prepared import Outlet
from octops.model.run import DeliveryError, DeliveryStatus, Proof, Result
from tests.destinations.peers import NOW, destination, http_peer, one, result, surroundings

pytestmark = pytest.mark.anyio

DOWN = DeliveryError("down", retryable=True)
SLOW = DeliveryError("no answer in time", retryable=True, certain=False)
GONE = DeliveryError("gone", retryable=False)


@dataclass
class Scripted:
    """Answers attempt by attempt; the last answer stays."""

    answers: list[DeliveryError | Proof]
    seen: list[str] = field(default_factory=list)

    async def deliver(self, given: Result) -> Proof:
        answer = self.answers[min(len(self.seen), len(self.answers) - 1)]
        self.seen.append(given.delivery_id)
        if isinstance(answer, DeliveryError):
            raise answer
        return answer


@dataclass
class Clock:
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def tried(
    *answers: DeliveryError | Proof, guarantee: str = "at_least_once", attempts: int = 4, chance: float = 0.5
) -> tuple[Outcome, list[str], list[float]]:
    outlet, clock = Scripted(list(answers)), Clock()
    outcome = await deliver_with_retries(
        Outlet(recipient="r", deliverer=outlet, guarantee=guarantee),
        result(),
        attempts=attempts,
        sleep=clock.sleep,
        random=lambda: chance,
        now=lambda: NOW,
    )
    return outcome, outlet.seen, clock.slept


async def test_a_delivery_that_arrives_is_made_once() -> None:
    outcome, seen, slept = await tried(Proof(text="204 No Content"))
    assert outcome == Outcome(status=DeliveryStatus.DELIVERED, attempts=1, ended_at=NOW, proof="204 No Content")
    assert (len(seen), slept) == (1, [])


@pytest.mark.parametrize(
    ("answers", "status", "attempts"),
    [
        ([DOWN, DOWN, Proof(text="ok")], "delivered", 3),
        ([SLOW, Proof(text="ok")], "delivered", 2),
        ([DOWN], "failed", 4),
        ([GONE], "failed", 1),
        ([DOWN, GONE], "failed", 2),
        ([SLOW], "unknown", 4),
        ([SLOW, DOWN], "unknown", 4),
        ([SLOW, GONE], "unknown", 2),
    ],
)
async def test_at_least_once_tries_again_until_it_is_taken_or_refused(
    answers: list[DeliveryError | Proof], status: str, attempts: int
) -> None:
    outcome, seen, slept = await tried(*answers)
    assert (outcome.status, outcome.attempts, len(slept)) == (status, attempts, attempts - 1)
    assert seen == ["dlv_0123456789abcdef"] * attempts


@pytest.mark.parametrize(("answer", "status"), [(Proof(text="ok"), "delivered"), (DOWN, "failed"), (SLOW, "unknown")])
async def test_at_most_once_tries_once(answer: DeliveryError | Proof, status: str) -> None:
    outcome, seen, slept = await tried(answer, guarantee="at_most_once")
    assert (outcome.status, len(seen), slept) == (status, 1, [])


async def test_the_error_told_is_the_last_one() -> None:
    assert (await tried(SLOW, GONE))[0].error == "gone"


async def test_waits_grow_and_are_a_random_part_of_the_longest() -> None:
    waits = [(await tried(DOWN, attempts=8, chance=chance))[2] for chance in (0.0, 0.5, 1.0)]
    assert waits[0] == [0.0] * 7
    assert waits[1] == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    assert waits[2] == [wait * 2 for wait in waits[1]]


@pytest.mark.parametrize(("asked", "waited"), [(0.0, 0.0), (7.0, 7.0), (86400.0, LONGEST_REQUESTED_WAIT)])
async def test_a_server_that_names_a_time_is_obeyed_within_bounds(asked: float, waited: float) -> None:
    busy = DeliveryError("busy", retryable=True, retry_after=asked)
    assert (await tried(busy, Proof(text="ok")))[2] == [waited]


async def test_an_error_that_is_a_bug_is_not_dressed_up() -> None:
    class Broken:
        async def deliver(self, given: Result) -> Proof:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await deliver_with_retries(
            Outlet(recipient="r", deliverer=Broken()),
            result(),
            sleep=Clock().sleep,
            random=lambda: 0.0,
            now=lambda: NOW,
        )


async def test_every_attempt_at_a_webhook_has_the_same_id_and_body() -> None:
    clock = Clock()
    async with http_peer(b"HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n") as peer:
        outlet = one(destination("webhook", url=f"http://127.0.0.1:{peer.port}/"), surroundings(peer.allow))
        outcome = await deliver_with_retries(
            outlet, result(), attempts=3, sleep=clock.sleep, random=lambda: 0.5, now=lambda: NOW
        )
    assert (outcome.status, clock.slept) == ("failed", [3.0, 3.0])
    assert len({(headers["webhook-id"], body) for _, headers, body in peer.requests}) == 1
