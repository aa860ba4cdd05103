"""A host page that keeps the candidate waiting."""

import asyncio

import pytest

from app.contract.embed.inbound import Configure, Order
from app.core.notices import Topic
from app.core.session.actions import Action, RenewTicket
from app.core.session.ticket import LiveTicket
from app.session.host import HOST_PATIENCE_S, introduced, obey
from tests.support.fake_clock import FakeClock
from tests.support.fake_page import FakeView, screen_of
from tests.support.held import settle
from tests.support.tickets import ticket

pytestmark = pytest.mark.anyio
FIRST = Configure(slipstream=1, channel="0123456789abcdef" * 2, type="configure", ticket="a.b.c")


def wait_for_host():
    configured: asyncio.Future[Configure] = asyncio.get_running_loop().create_future()
    view, clock = FakeView(), FakeClock()
    return configured, view, clock, asyncio.create_task(introduced(configured, screen_of(view), clock))


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


async def test_a_host_page_that_renews_the_ticket_is_obeyed_without_a_new_beginning():
    said: asyncio.Queue[Configure | Order] = asyncio.Queue()
    actions: asyncio.Queue[Action] = asyncio.Queue()
    configured: asyncio.Future[Configure] = asyncio.get_running_loop().create_future()
    live = LiveTicket()
    obeying = asyncio.create_task(obey(said, actions, configured, lambda _: None, live))
    said.put_nowait(FIRST.model_copy(update={"ticket": ticket()}))
    await settle()
    assert (configured.result().ticket, live.text) == (ticket(), ticket())

    said.put_nowait(FIRST.model_copy(update={"ticket": ticket(exp=1_600)}))
    said.put_nowait(FIRST.model_copy(update={"ticket": ticket()}))  # an old message that comes late
    await settle()
    obeying.cancel()

    assert live.text == ticket(exp=1_600)
    assert [actions.get_nowait() for _ in range(actions.qsize())] == [RenewTicket(600)]
