"""The fakes keep what the ports promise, and fail a test instead of letting it wait."""

import asyncio

import pytest

from tests.support.fake_clock import FakeClock
from tests.support.fake_journal import FakeDigester, FakeMedia
from tests.support.fake_network import FakeTransport
from tests.support.fake_store import FakeStore
from tests.support.held import settle

pytestmark = pytest.mark.anyio


async def test_digester_gives_at_most_a_mebibyte():
    content = bytes(2 * 1024 * 1024 + 1)
    blocks = [block async for block in FakeDigester().blocks(FakeMedia(content))]
    assert [len(block) for block in blocks] == [1024 * 1024, 1024 * 1024, 1]


async def test_clock_wakes_sleepers_in_order_and_tells_each_its_time():
    clock = FakeClock()
    woken = []

    async def sleeper(duration_s: float) -> None:
        begun = clock.now()
        await clock.sleep(duration_s)
        woken.append(clock.now() - begun)

    tasks = [asyncio.create_task(sleeper(duration_s)) for duration_s in (3.0, 1.0, 2.0)]
    await clock.advance(2.5)
    assert woken == [1.0, 2.0]
    await clock.advance(0.5)
    assert woken == [1.0, 2.0, 3.0]
    await asyncio.gather(*tasks)


async def test_waiting_for_what_never_comes_fails():
    with pytest.raises(AssertionError, match="no part sent"):
        await FakeTransport(FakeStore()).next_send()
    with pytest.raises(AssertionError, match="no sleep"):
        await FakeClock().next_sleep()
    await settle(1)
