"""A browser that never answers when it is asked for camera and microphone."""

import asyncio

import pytest

from app.core.notices import Topic
from app.core.session.actions import (
    Begin,
    CheckDevices,
    ChooseDevice,
    EditText,
    GoTo,
    PauseUploads,
    Record,
    ResumeUploads,
    Submit,
)
from app.core.session.answers import Phase
from app.recording.devices import PATIENCE_S
from tests.support.fake_store import document_of
from tests.support.held import settle
from tests.support.sitting import SPOKEN, WRITTEN, sitting

pytestmark = pytest.mark.anyio


async def test_row_29_text_is_stored_and_uploads_pause_while_the_browser_still_asks_for_devices():
    async with sitting(SPOKEN, WRITTEN) as desk:
        desk.media_devices.answer = asyncio.get_running_loop().create_future()
        await desk.action(CheckDevices(), EditText("q2", "Because."))
        assert not desk.view.figures.is_safe, "what is typed is not stored yet"
        await desk.clock.advance(2)
        assert document_of("q2") in desk.store.documents
        assert desk.view.figures.is_safe
        await desk.action(PauseUploads())
        assert desk.view.figures.is_paused
        await desk.action(ResumeUploads(), GoTo("q2"))
        assert desk.view.question == "q2"


async def test_row_29_interview_is_submitted_while_the_browser_still_asks_for_devices():
    async with sitting(SPOKEN.model_copy(update={"required": False}), WRITTEN) as desk:
        desk.media_devices.answer = asyncio.get_running_loop().create_future()
        await desk.action(Begin(), Record("q1"), EditText("q2", "Because."), Submit())
        await desk.clock.advance(5)
        assert desk.view.receipt is not None


async def test_row_29_candidate_is_told_after_some_seconds_and_can_ask_again():
    async with sitting() as desk:
        desk.media_devices.answer = asyncio.get_running_loop().create_future()
        await desk.action(CheckDevices(), CheckDevices())
        await desk.clock.advance(PATIENCE_S - 0.5)
        assert desk.view.topics == set()
        await desk.clock.advance(1)
        assert desk.view.topics == {Topic.DEVICE_WAITING}
        assert len(desk.media_devices.opened) == 1, "an impatient click asks no second time"

        desk.media_devices.answer = None
        await desk.action(CheckDevices())
        assert (desk.view.topics, desk.media_devices.is_open, len(desk.media_devices.opened)) == (set(), True, 2)


async def test_question_that_is_still_open_answers_the_next_question_too():
    async with sitting(SPOKEN, SPOKEN.model_copy(update={"id": "q9"})) as desk:
        desk.media_devices.answer = asyncio.get_running_loop().create_future()
        await desk.action(Begin(), Record("q1"))
        await desk.action(GoTo("q9"))
        await desk.clock.advance(PATIENCE_S + 1)
        assert (desk.view.question, desk.view.topics) == ("q9", {Topic.DEVICE_WAITING})
        desk.media_devices.answer.set_result(None)
        await settle()
        assert (desk.media_devices.is_open, len(desk.media_devices.opened), desk.view.topics) == (True, 1, set())
        assert desk.phase("q1") is Phase.READY, "a recording began at a question that was left"


async def test_recording_that_was_asked_for_begins_once_the_browser_answers():
    async with sitting() as desk:
        desk.media_devices.answer = asyncio.get_running_loop().create_future()
        await desk.action(Begin(), Record("q1"), Record("q1"))
        assert desk.phase("q1") is Phase.READY
        desk.media_devices.answer.set_result(None)
        await settle()
        assert (desk.phase("q1"), len(desk.media_devices.made)) == (Phase.RECORDING, 1)


async def test_device_that_is_opened_late_for_a_written_question_is_not_used():
    async with sitting(SPOKEN, WRITTEN) as desk:
        desk.media_devices.answer = asyncio.get_running_loop().create_future()
        await desk.action(Begin())
        await desk.action(GoTo("q2"))
        assert desk.media_devices.answer.cancelled(), "somebody still waits for a camera that nobody needs"
        assert not desk.media_devices.is_open


async def test_devices_are_chosen_in_the_order_of_the_choices_however_long_each_takes():
    async with sitting() as desk:
        await desk.action(CheckDevices())
        desk.media_devices.answer = asyncio.get_running_loop().create_future()
        await desk.action(ChooseDevice("microphone", "microphone-2"), ChooseDevice("camera", "camera-2"))
        desk.media_devices.answer.set_result(None)
        await settle()
        assert desk.media_devices.opened[1:] == [(True, "camera-1", "microphone-2"), (True, "camera-2", "microphone-2")]
