"""What a candidate is told while a session runs."""

import pytest

from app.core.errors import (
    AlreadySubmitted,
    NetworkFailed,
    TicketRefused,
    UrlRejected,
)
from app.core.notices import Topic
from app.core.session.actions import (
    PauseUploads,
    ResumeUploads,
    RetryUploads,
    Stop,
)
from app.core.session.answers import Phase
from tests.support.fake_store import video
from tests.support.held import settle
from tests.support.sitting import sitting

pytestmark = pytest.mark.anyio


async def test_fatal_error_is_said_and_retry_goes_on():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 10)
        (await desk.transport.next_send()).fail(UrlRejected("The store answered 405."))
        await settle()
        assert desk.view.notices[Topic.UPLOAD_FAILED, None].detail == "The store answered 405."
        await desk.action(RetryUploads())
        (await desk.transport.next_send()).acknowledge()
        await settle()
        assert desk.view.topics == set()
        assert desk.view.figures.acknowledged == 10


@pytest.mark.parametrize(
    ("error", "topic"),
    [
        (TicketRefused("The signer answered 401."), Topic.TICKET_EXPIRED),
        (AlreadySubmitted("The signer answered 403."), Topic.ALREADY_SUBMITTED),
        (UrlRejected("The signer answered 422."), Topic.UPLOAD_FAILED),
    ],
)
async def test_refusal_in_the_middle_is_said_and_recording_goes_on(error, topic):
    async with sitting() as desk:
        desk.signer.holding = {"create"}
        recorder = await desk.record("q1", b"abc")
        (await desk.signer.next_call("create")).fail(error)
        await settle()
        assert desk.view.topics == {topic}
        recorder.give(b"def")
        await settle()
        assert desk.journal.recorded(video("q1")) == b"abcdef"
        assert desk.phase("q1") is Phase.RECORDING


async def test_passing_failure_is_not_announced():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 10)
        (await desk.transport.next_send()).fail(NetworkFailed("reset"))
        await settle()
        assert desk.view.topics == set()
        assert desk.view.track().problem == "reset"


async def test_offline_is_said_and_recording_goes_on():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"x" * 10)
        desk.network.turn(online=False)
        await settle()
        assert desk.view.topics == {Topic.OFFLINE}
        assert desk.view.figures.is_offline
        recorder.give(b"y" * 10)
        await settle()
        desk.network.turn(online=True)
        await settle()
        assert desk.view.topics == set()
        assert desk.view.figures.acknowledged == 20


async def test_pause_and_resume():
    async with sitting() as desk:
        await desk.action(PauseUploads())
        await desk.record("q1", b"x" * 20)
        assert (desk.view.figures.is_paused, desk.transport.sends) == (True, [])
        await desk.action(ResumeUploads())
        assert (desk.view.figures.is_paused, desk.view.figures.acknowledged) == (False, 20)


async def test_progress_never_runs_backwards():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"x" * 35)
        for _ in range(5):
            recorder.give(b"y" * 7)
            await settle()
        await desk.action(Stop("q1"))
        acknowledged = [progress.acknowledged for progress in desk.view.all_progress]
        assert acknowledged == sorted(acknowledged)
        assert acknowledged[-1] == 70
