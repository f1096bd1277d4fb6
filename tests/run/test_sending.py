from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from octops.run.sending import APART_SECONDS, one_by_one


@pytest.mark.anyio
async def test_requests_wanted_at_once_leave_apart_and_in_their_order() -> None:
    clock = asyncio.get_running_loop().time
    left: list[tuple[int, float]] = []

    async def send(number: int) -> None:
        await one_by_one()
        left.append((number, clock()))

    await asyncio.gather(*map(send, range(10)))

    assert [number for number, _ in left] == list(range(10))
    assert all(later - earlier >= APART_SECONDS * 0.9 for (_, earlier), (_, later) in pairwise(left))


@pytest.mark.anyio
async def test_one_that_gives_up_its_turn_holds_up_nobody() -> None:
    first = asyncio.create_task(one_by_one())
    await asyncio.sleep(0)
    first.cancel()

    await asyncio.wait_for(one_by_one(), 5)


@pytest.mark.parametrize("_loop", [1, 2])
def test_every_event_loop_has_its_own_turns(_loop: int) -> None:
    async def several() -> None:
        await asyncio.gather(*(one_by_one() for _ in range(3)))

    asyncio.run(several())
