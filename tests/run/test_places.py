from __future__ import annotations

import asyncio

import pytest

from octops.run.places import AHEAD, Places


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_free_place_is_taken_at_once() -> None:
    places = Places(1)

    assert await places.converse(0.0)


@pytest.mark.anyio
async def test_who_waits_too_long_is_told_and_keeps_no_place() -> None:
    places = Places(1)
    await places.converse(1)

    assert not await places.converse(0.01)
    places.conversing.release()
    assert await places.converse(1)


@pytest.mark.anyio
async def test_who_waits_gets_the_next_free_place() -> None:
    places = Places(1)
    await places.converse(1)
    waiting = asyncio.create_task(places.converse(5))
    await asyncio.sleep(0)

    places.conversing.release()

    assert await waiting


@pytest.mark.anyio
async def test_more_claims_than_conversations_but_not_without_end() -> None:
    places = Places(2)
    for _ in range(2 * AHEAD):
        await asyncio.wait_for(places.ahead.acquire(), 1)

    assert places.ahead.locked()
