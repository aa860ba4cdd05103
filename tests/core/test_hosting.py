"""A host page that keeps the candidate waiting."""

import asyncio

import pytest

from app.contract.host_messages import Configure
from app.core.notices import Topic
from app.hosting import HOST_PATIENCE_S, introduced
from tests.fake_page import FakeView
from tests.fakes import FakeClock, settle

pytestmark = pytest.mark.anyio
FIRST = Configure(slipstream=1, channel="0123456789abcdef" * 2, type="configure", ticket="a.b.c")


def wait_for_host():
    configured: asyncio.Future[Configure] = asyncio.get_running_loop().create_future()
    view, clock = FakeView(), FakeClock()
    return configured, view, clock, asyncio.create_task(introduced(configured, view, clock))


async def test_a_host_page_that_introduces_itself_in_time_goes_unmentioned():
    configured, view, clock, waiting = wait_for_host()
    await clock.advance(HOST_PATIENCE_S - 1)
    configured.set_result(FIRST)

    assert await waiting is FIRST
    assert view.notices == {}


async def test_a_silent_host_page_is_told_and_still_listened_to():
    configured, view, clock, waiting = wait_for_host()
    await clock.advance(HOST_PATIENCE_S)
    assert set(view.notices) == {(Topic.HOST_SILENT, None)}

    configured.set_result(FIRST)
    await settle()

    assert waiting.result() is FIRST
    assert view.notices == {}
