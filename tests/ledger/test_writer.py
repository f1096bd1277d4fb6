from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field

import pytest

from octops.errors import GitError
from octops.ledger.claims import Take
from octops.ledger.ledger import Ledger
from octops.ledger.outcome import Refusal
from octops.ledger.pace import Pace
from octops.ledger.writer import Writer
from octops.model.project import Records
from tests.kit import SOON
from tests.ledger.kit import NOW, MemoryBranch, Origin, claim, files


def take(number: int, nonce: str = "n") -> Take:
    return Take(claim=claim(nonce, run=f"a@x{number}", slot=None))


def writer(branch: MemoryBranch, *, spacing: float = 0.0, gather: float = 0.02) -> Writer:
    return Writer(Ledger(branch=branch, clock=lambda: NOW), Pace(spacing=spacing), gather_seconds=gather)


def test_what_waits_together_is_one_push() -> None:
    origin = Origin()
    with writer(MemoryBranch(origin), gather=60.0) as one:
        futures = [future for number in range(50) for future in one.submit(take(number))]

    assert all(future.result(0).accepted for future in futures)
    assert len(files(origin)) == 50
    assert origin.moves == 1


def test_each_waiter_learns_its_own_outcome() -> None:
    with writer(MemoryBranch(Origin())) as one:
        first, second, third = one.submit(take(1, "n1"), take(1, "n2"), take(2))

        assert [future.result(SOON).refusal for future in (first, second, third)] == [None, Refusal.TAKEN, None]


def test_later_transitions_wait_for_the_spacing() -> None:
    with writer(MemoryBranch(Origin()), spacing=0.3, gather=0.0) as one:
        started = time.monotonic()
        one.submit(take(0))[0].result(SOON)
        one.submit(take(1))[0].result(SOON)
        assert time.monotonic() - started >= 0.3


def test_the_first_transition_waits_for_no_spacing_and_later_ones_go_together() -> None:
    origin = Origin()
    with writer(MemoryBranch(origin), spacing=60.0, gather=0.0) as one:
        one.submit(take(0))[0].result(SOON)
        futures = [one.submit(take(number))[0] for number in range(1, 10)]
        time.sleep(0.1)
        assert not any(future.done() for future in futures)
    assert all(future.result(0).accepted for future in futures)
    assert origin.moves == 2


def test_closing_in_a_hurry_writes_what_waits_at_once() -> None:
    origin = Origin()
    one = writer(MemoryBranch(origin), spacing=60.0)
    one.submit(take(1))[0].result(SOON)
    waiting = one.submit(take(2))[0]

    started = time.monotonic()
    one.close()

    assert time.monotonic() - started < SOON
    assert waiting.result(0).accepted


def test_threads_can_submit_at_the_same_time() -> None:
    origin = Origin()
    with writer(MemoryBranch(origin)) as one:
        threads = [
            threading.Thread(target=lambda at=number: one.submit(take(at))[0].result(SOON)) for number in range(30)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(files(origin)) == 30


def test_in_asyncio_a_claim_is_awaited() -> None:
    async def claims() -> list[bool]:
        with writer(MemoryBranch(Origin())) as one:
            futures = [asyncio.wrap_future(one.submit(take(number))[0]) for number in range(5)]
            return [outcome.accepted for outcome in await asyncio.gather(*futures)]

    assert asyncio.run(claims()) == [True] * 5


@dataclass
class Refusing(MemoryBranch):
    refusals: int = 1
    seen_pushes: list[str] = field(default_factory=list)

    def move(self, old: str, new: str) -> bool:
        if self.refusals:
            self.refusals -= 1
            raise GitError("protected", code="push-refused")
        return super().move(old, new)


def test_a_refused_push_is_the_error_of_those_who_waited_and_nobody_elses() -> None:
    with writer(Refusing(Origin()), gather=0.1) as one:
        first = one.submit(take(1), take(2))
        for future in first:
            with pytest.raises(GitError):
                future.result(SOON)

        assert one.submit(take(3))[0].result(SOON).accepted


class Watch:
    """A clock tests move."""

    def __init__(self) -> None:
        self.now = 0.0

    def pace(self, **rest: float) -> Pace:
        return Pace(monotonic=lambda: self.now, **rest)  # type: ignore[arg-type]


def test_the_first_push_goes_at_once_and_the_next_after_the_spacing() -> None:
    watch = Watch()
    pace = watch.pace(spacing=2.0)

    assert pace.left() == 0
    pace.push()
    watch.now = 0.5
    assert pace.left() == 1.5


def test_no_minute_sees_more_pushes_than_the_budget() -> None:
    watch = Watch()
    pace = watch.pace(spacing=2.0, per_minute=6)
    pushes = []
    for _ in range(40):
        watch.now += pace.left()
        pace.push()
        pushes.append(watch.now)

    assert pushes[:7] == [0, 2, 4, 6, 8, 10, 60]
    assert all(sum(at <= other < at + 60 for other in pushes) <= 6 for at in pushes)


@pytest.mark.parametrize(
    ("records", "host", "remote", "spacing", "per_minute"),
    [
        (Records(), "github.com", True, 2.0, 6),
        (Records(), "git.example.com", True, 2.0, None),
        (Records(), "", True, 2.0, None),
        (Records(pushes_per_minute=20), "github.com", True, 2.0, 20),
        (Records(pushes_per_minute=30), "git.example.com", True, 2.0, 30),
        (Records(pushes_per_minute=60), "git.example.com", True, 1.0, 60),
        (Records(pushes_per_minute=20), "", False, 0.5, None),
    ],
)
def test_the_pace_depends_on_the_remote(
    records: Records, host: str, remote: bool, spacing: float, per_minute: int | None
) -> None:
    pace = Pace.of(records, host, remote=remote)

    assert (pace.spacing, pace.per_minute) == (spacing, per_minute)


def test_who_no_longer_waits_takes_nothing_from_the_others() -> None:
    origin = Origin()
    with writer(MemoryBranch(origin)) as one:
        gone, other = one.submit(take(1), take(2))
        gone.cancel()

        assert other.result(SOON).accepted

    assert len(files(origin)) == 2


def test_in_a_hurry_what_waits_is_written_at_once_and_the_writer_goes_on() -> None:
    with writer(MemoryBranch(Origin()), spacing=60.0) as one:
        one.submit(take(1))[0].result(SOON)
        waiting = one.submit(take(2))[0]
        one.hurry()

        assert waiting.result(SOON).accepted
        assert one.submit(take(3))[0].result(SOON).accepted


def test_what_waits_can_be_written_at_once_and_what_comes_later_waits_again() -> None:
    with writer(MemoryBranch(Origin()), spacing=60.0) as one:
        one.submit(take(1))[0].result(SOON)
        waiting = one.submit(take(2))[0]
        one.soon()
        assert waiting.result(SOON).accepted

        later = one.submit(take(3))[0]
        time.sleep(0.3)
        assert not later.done()


def test_the_first_commit_waits_longer_for_what_belongs_together() -> None:
    ledger = Ledger(branch=MemoryBranch(Origin()), clock=lambda: NOW)
    with Writer(ledger, Pace(spacing=0.0), first_seconds=60.0) as one:
        first = one.submit(take(1))[0]
        time.sleep(0.1)
        second = one.submit(take(2))[0]

    assert first.result(0).accepted
    assert second.result(0).accepted
    assert ledger.marker is not None
    assert ledger.marker.writes == 1
