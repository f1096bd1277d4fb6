"""Every order in which two runners can fetch, build and push for one slot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from octops.ledger.claims import Take, TakeOver
from octops.ledger.codec import decode
from octops.ledger.documents import Claim
from octops.ledger.layout import open_path
from octops.ledger.ledger import Attempt, Ledger
from octops.ledger.outcome import Outcome, Transition
from octops.ledger.results import Finish, Skip, Store
from octops.model.run import RunStatus
from tests.ledger.kit import LEASE, NOW, RUN, MemoryBranch, Origin, claim, files, record

ROUNDS = 3
"""How often a runner tries: two runners can reject each other once."""


@dataclass
class Runner:
    """Fetch, build, push; again while others are faster. Each `step` is one of them."""

    ledger: Ledger
    transitions: list[Transition]
    outcomes: list[Outcome] | None = None
    _stage: int = 0
    _attempt: Attempt | None = None
    pushes: int = field(default=0)

    @classmethod
    def on(cls, origin: Origin, *transitions: Transition) -> Runner:
        ledger = Ledger(branch=MemoryBranch(origin), clock=lambda: NOW, lineage=lambda: "same")
        return cls(ledger, list(transitions))

    @property
    def done(self) -> bool:
        return self.outcomes is not None

    def step(self) -> None:
        if self._stage == 0:
            self.ledger.refresh()
        elif self._stage == 1:
            self._attempt = Attempt(self.ledger, self.transitions)
            self._attempt.build()
            if self._attempt.commit is None:
                self.outcomes = self._attempt.outcomes
        else:
            assert self._attempt is not None
            self.pushes += 1
            if self._attempt.push():
                self.outcomes = self._attempt.outcomes
        self._stage = (self._stage + 1) % 3

    @property
    def won(self) -> bool:
        return self.outcomes is not None and self.outcomes[0].accepted


def schedules(make: Callable[[], list[Runner]]) -> Iterator[tuple[list[Runner], tuple[int, ...]]]:
    """Every order of steps in which all runners come to an end, each played on a world of its own."""
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        order = waiting.pop()
        runners = make()
        for number in order:
            runners[number].step()
        open_ones = [number for number, runner in enumerate(runners) if not runner.done]
        if not open_ones:
            yield runners, order
        waiting += [(*order, number) for number in open_ones if order.count(number) < 3 * ROUNDS]


def test_in_every_order_exactly_one_of_two_runners_gets_the_slot() -> None:
    count = 0
    for runners, order in schedules(lambda: two_takers(Origin())):
        count += 1
        assert sum(runner.won for runner in runners) == 1, order
    assert count == 20


def test_in_every_order_the_claim_on_the_branch_is_the_winners() -> None:
    origins: list[Origin] = []

    def make() -> list[Runner]:
        origins.append(Origin())
        return two_takers(origins[-1])

    for runners, order in schedules(make):
        kept = decode(Claim, files(origins[-1])[open_path(RUN)])
        assert [runner.won for runner in runners] == [kept.nonce == "n1", kept.nonce == "n2"], order


def two_takers(origin: Origin) -> list[Runner]:
    """Alike in every byte but the nonce: same runner, same second, same commit message."""
    return [Runner.on(origin, Take(claim=claim("n1"))), Runner.on(origin, Take(claim=claim("n2")))]


def test_without_nonces_two_alike_would_both_win() -> None:
    """Why a claim has a nonce: git takes a push of what is already there for a success."""
    both = [sum(runner.won for runner in runners) for runners, _ in schedules(lambda: alike(Origin()))]

    assert 2 in both


def alike(origin: Origin) -> list[Runner]:
    return [Runner.on(origin, Take(claim=claim("n"))), Runner.on(origin, Take(claim=claim("n")))]


LATE = NOW + LEASE + timedelta(seconds=1)


def after(*transitions: Transition) -> Origin:
    origin = Origin()
    Ledger(branch=MemoryBranch(origin), clock=lambda: NOW).write(transitions)
    return origin


def over(nonce: str) -> TakeOver:
    return TakeOver(run=RUN, nonce=nonce, runner="ci", now=LATE, lease_until=LATE + LEASE)


@pytest.mark.parametrize(
    ("before", "one", "other"),
    [
        ([Take(claim=claim("old"))], over("n1"), over("n2")),
        ([Take(claim=claim("old"))], over("n1"), Finish(run=RUN, nonce="old", record=record())),
        ([Take(claim=claim("old"))], Take(claim=claim("n1")), over("n2")),
        ([], Take(claim=claim("n1")), Skip(record=record(status=RunStatus.SKIPPED))),
    ],
    ids=["two take over", "take over or finish", "take or take over", "take or skip"],
)
def test_in_every_order_exactly_one_of_two_rivals_wins(
    before: list[Transition], one: Transition, other: Transition
) -> None:
    def make() -> list[Runner]:
        origin = after(*before) if before else Origin()
        return [Runner.on(origin, one), Runner.on(origin, other)]

    for runners, order in schedules(make):
        assert sum(runner.won for runner in runners) == 1, order


def test_in_every_order_a_stalled_runner_and_its_heir_store_one_answer() -> None:
    origins: list[Origin] = []

    def make() -> list[Runner]:
        origin = after(Take(claim=claim("old")))
        origins.append(origin)
        stalled = Store(run=RUN, nonce="old", answer=record(text="old"))
        heir = Store(run=RUN, nonce="n1", answer=record(text="new"))
        return [Runner.on(origin, stalled), Runner.on(origin, over("n1"), heir)]

    for runners, order in schedules(make):
        stalled, heir = runners
        kept = decode(Claim, files(origins[-1])[open_path(RUN)])
        assert kept.answer is not None
        assert heir.won, order
        assert kept.answer.text == ("old" if stalled.won else "new"), order


def test_in_every_order_runners_of_different_slots_lose_nothing() -> None:
    origins: list[Origin] = []

    def make() -> list[Runner]:
        origins.append(Origin())
        one, other = claim("n1", run="a@x", slot=None), claim("n2", run="b@x", slot=None)
        return [Runner.on(origins[-1], Take(claim=one)), Runner.on(origins[-1], Take(claim=other))]

    for runners, order in schedules(make):
        assert all(runner.won for runner in runners), order
        assert set(files(origins[-1])) == {"open/a--x.json", "open/b--x.json"}, order
