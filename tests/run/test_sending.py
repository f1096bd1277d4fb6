from __future__ import annotations

import asyncio

import pytest

from octops.run.sending import APART_SECONDS, TOGETHER, Door, in_turn


def test_as_many_as_leave_together_wait_for_nothing_and_the_next_ones_for_the_door() -> None:
    door = Door()
    leaving = [door.next(100.0) for _ in range(2 * TOGETHER + 1)]
    assert leaving == [100.0] * TOGETHER + [100.0 + APART_SECONDS] * TOGETHER + [100.0 + 2 * APART_SECONDS]


def test_who_comes_while_others_wait_for_the_next_opening_leaves_with_them() -> None:
    door = Door()
    for _ in range(TOGETHER + 1):
        door.next(100.0)
    assert door.next(100.01) == pytest.approx(100.0 + APART_SECONDS)


def test_after_a_pause_the_first_leaves_at_once() -> None:
    door = Door()
    for _ in range(TOGETHER):
        door.next(100.0)
    assert door.next(100.0 + APART_SECONDS) == 100.0 + APART_SECONDS


@pytest.mark.anyio
async def test_requests_wanted_at_once_leave_in_their_order() -> None:
    clock = asyncio.get_running_loop().time
    left: list[tuple[int, float]] = []

    async def send(number: int) -> None:
        await in_turn()
        left.append((number, clock()))

    began = clock()
    await asyncio.gather(*map(send, range(TOGETHER + 1)))

    assert [number for number, _ in left] == list(range(TOGETHER + 1))
    assert left[-1][1] - began >= APART_SECONDS * 0.9


@pytest.mark.anyio
async def test_one_that_gives_up_its_turn_holds_up_nobody() -> None:
    waiting = [asyncio.create_task(in_turn()) for _ in range(TOGETHER + 1)]
    await asyncio.sleep(0)
    waiting[-1].cancel()

    await asyncio.wait_for(in_turn(), 5)
    await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize("_loop", [1, 2])
def test_every_event_loop_has_a_door_of_its_own(_loop: int) -> None:
    async def several() -> None:
        await asyncio.gather(*(in_turn() for _ in range(3)))

    asyncio.run(several())
