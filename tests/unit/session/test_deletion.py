"""The candidate deletes the session from this device: nothing that still waits holds that up."""

import asyncio

import pytest

from app.core.notices import Topic
from app.core.session.actions import DeleteFromDevice, Record, Stop
from tests.support.held import settle
from tests.support.sitting import sitting

pytestmark = pytest.mark.anyio


async def never() -> None:
    await asyncio.Event().wait()


async def test_everything_that_the_device_keeps_is_deleted_and_the_camera_closed():
    async with sitting(holds_parts=True) as desk:
        await desk.record("q1", b"half of an answer")
        assert desk.journal.disk.stores["chunks"]

        await desk.action(DeleteFromDevice())

        assert desk.view.dead_ends == [Topic.DELETED_HERE]
        assert not any(desk.journal.disk.stores.values())
        assert not desk.media_devices.is_open
    assert desk.is_over


async def test_question_of_the_browser_that_is_never_answered_does_not_hold_it_up(monkeypatch: pytest.MonkeyPatch):
    async with sitting() as desk:
        monkeypatch.setattr(desk.journal, "persist", never)  # Firefox asks whether data may be stored for good
        await desk.record("q1", b"said")
        await desk.action(Stop("q1"), Record("q1"))

        await desk.action(DeleteFromDevice())
        await settle()

        assert not any(desk.journal.disk.stores.values())
    assert desk.is_over
