"""Notices about uploads, in whole sessions between fakes."""

import pytest

from app.contract import Track
from app.core.errors import (
    CaptivePortal,
    NetworkFailed,
    UrlExpired,
)
from app.core.notices import Topic
from app.core.session.actions import EditText, RetryUploads, Stop
from app.core.upload.retry import FRESH_URLS
from tests.support.held import settle
from tests.support.sitting import SPOKEN_AND_WRITTEN, WRITTEN, sitting


@pytest.mark.anyio
async def test_network_that_is_away_is_said_although_the_browser_does_not_know():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 100)
        while not desk.view.figures.is_offline:
            assert desk.view.topics == set()
            (await desk.transport.next_send()).fail(NetworkFailed("reset"))
            await settle()
        assert desk.view.topics == {Topic.OFFLINE}
        desk.transport.holds_parts = False
        for send in desk.transport.in_flight:
            send.acknowledge()
        await desk.clock.advance(2)
        assert desk.view.topics == set()
        assert desk.view.figures.acknowledged == 100


@pytest.mark.anyio
async def test_sign_in_page_in_the_stores_place_is_said_and_nothing_of_it_counts():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 100)
        while not desk.view.figures.is_captive_portal:
            (await desk.transport.next_send()).fail(CaptivePortal("The store answered 200."))
            await settle()
        assert (desk.view.topics, desk.view.figures.acknowledged) == ({Topic.CAPTIVE_PORTAL}, 0)
        desk.transport.holds_parts = False
        for send in desk.transport.in_flight:
            send.acknowledge()
        await desk.clock.advance(2)
        assert (desk.view.topics, desk.view.figures.acknowledged) == (set(), 100)


@pytest.mark.anyio
async def test_urls_that_are_refused_again_and_again_are_told_with_a_way_to_go_on():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 10)
        for _ in range(FRESH_URLS + 1):
            await desk.clock.advance(30)
            (await desk.transport.next_send()).fail(UrlExpired("The store answered 403."))
            await settle()
        notice = desk.view.notices[Topic.STORE_REFUSES, None]
        assert notice.detail == "The store answered 403."
        desk.transport.holds_parts = False
        await desk.action(RetryUploads())
        assert Topic.STORE_REFUSES not in desk.view.topics


@pytest.mark.anyio
async def test_leaving_is_guarded_while_anything_is_said_or_typed():
    async with sitting(WRITTEN, SPOKEN_AND_WRITTEN) as desk:
        assert (desk.view.figures.is_safe, desk.page_lifecycle.is_guarded) == (True, False)
        await desk.action(EditText("q2", "Because."))
        assert (desk.view.figures.is_safe, desk.page_lifecycle.is_guarded) == (False, True)
        await desk.clock.advance(1)
        assert (desk.view.figures.is_safe, desk.page_lifecycle.is_guarded) == (True, False)

        await desk.record("q5")
        assert (desk.view.figures.is_safe, desk.page_lifecycle.is_guarded) == (False, True)
        desk.media_devices.recorders[Track.VIDEO].give(b"abc")
        await desk.action(Stop("q5"))
        assert (desk.view.figures.is_safe, desk.page_lifecycle.is_guarded) == (True, False)


@pytest.mark.anyio
async def test_empty_recording_on_a_full_disk_ends_no_session():
    async with sitting() as desk:
        await desk.record("q1")
        desk.journal.is_broken = True
        await desk.action(Stop("q1"))
        assert Topic.NOTHING_RECORDED in desk.view.topics
        desk.journal.is_broken = False
        await desk.answer("q1", b"now")
        assert desk.view.figures.is_safe
