"""Submit: refused, waiting, failed, taken back."""

import pytest

from app.contract import Track, UploadMode
from app.core.errors import (
    AlreadySubmitted,
    Fatal,
    NetworkFailed,
    NotComplete,
    StoreBusy,
)
from app.core.notices import Topic
from app.core.session.actions import EditText, GoTo, PauseUploads, Record, Restore, Retake, Stop, Submit
from app.core.session.answers import Phase
from app.session.submission import TRIES
from tests.support.held import settle
from tests.support.sitting import BOTH_TRACKS, PREPARED, SPOKEN, WRITTEN, sitting

pytestmark = pytest.mark.anyio


async def test_submit_refuses_while_something_is_missing():
    async with sitting() as desk:
        await desk.answer("q1", b"abc")
        await desk.action(Submit())
        assert desk.view.notices[Topic.SUBMIT_MISSING, None].questions == ("q2",)
        assert (desk.view.is_submitting, desk.signer.calls("submit")) == (False, [])
        await desk.action(EditText("q2", "Because."), Submit())
        assert desk.view.receipt is not None


async def test_submit_during_a_recording_does_nothing():
    """The page says why by itself; a wish that is on its way then must not submit what is half said."""
    async with sitting(SPOKEN) as desk:
        recorder = await desk.record("q1", b"abc")
        recorder.ends_itself = False
        await desk.action(Submit(), Stop("q1"))
        assert desk.phase("q1") is Phase.FINISHING
        assert (desk.view.topics, desk.view.is_submitting, desk.signer.calls("submit")) == (set(), False, [])
        recorder.end()
        await settle()
        assert (desk.view.figures.is_safe, desk.view.receipt) == (True, None)
        await desk.action(Submit())
        assert desk.view.receipt is not None


@pytest.mark.parametrize("mode", [UploadMode.PROGRESSIVE, UploadMode.BULK])
async def test_submit_right_behind_stop_waits_for_the_last_chunk(mode):
    async with sitting(SPOKEN, mode=mode) as desk:
        recorder = await desk.record("q1", b"abc")
        recorder.ends_itself = False
        await desk.action(Stop("q1"), Submit())
        assert (desk.view.topics, desk.view.is_submitting, desk.signer.calls("submit")) == (set(), True, [])
        recorder.end()
        await settle()
        assert desk.view.receipt is not None


async def test_submit_takes_a_preparation_back_that_would_record_while_it_waits():
    async with sitting(SPOKEN, PREPARED) as desk:
        await desk.answer("q1", b"abc")
        desk.signer.holding.add("submit")
        await desk.action(GoTo("q4"), Record("q4"), Submit())
        await desk.clock.advance(60)
        assert desk.phase("q4") is Phase.READY
        assert Track.AUDIO not in desk.media_devices.recorders


async def test_submit_waits_until_everything_is_stored():
    async with sitting(SPOKEN) as desk:
        desk.transport.holds_parts = True
        await desk.answer("q1", b"x" * 15)
        await desk.action(Submit())
        assert (desk.view.is_submitting, desk.view.receipt) == (True, None)
        (await desk.transport.next_send()).acknowledge()
        await settle()
        assert desk.view.receipt is None
        (await desk.transport.next_send()).acknowledge()
        await settle()
        assert desk.view.receipt is not None
        assert len(desk.signer.calls("submit")) == 1


async def test_submit_waits_for_the_words_just_typed():
    async with sitting(WRITTEN) as desk:
        desk.transport.holds_documents = True
        await desk.action(EditText("q2", "Because."), Submit())
        assert desk.signer.calls("submit") == []
        (await desk.transport.next_document()).acknowledge()
        await settle()
        assert desk.view.receipt is not None


async def test_unanswered_questions_are_left_out():
    async with sitting(SPOKEN, BOTH_TRACKS) as desk:
        await desk.answer("q1", b"abc")
        await desk.action(Submit())
        assert desk.view.receipt is not None
        assert [answer.question for answer in desk.view.receipt.answers] == ["q1"]


async def test_thinking_again_after_submit_waits_for_another_submit():
    async with sitting(SPOKEN, BOTH_TRACKS) as desk:
        desk.transport.holds_parts = True
        await desk.answer("q1", b"abc")
        await desk.action(Submit())
        await desk.record("q3", b"more")
        desk.transport.holds_parts = False
        (await desk.transport.next_send()).acknowledge()
        await desk.action(Stop("q3"))
        assert (desk.view.receipt, desk.view.figures.is_safe, desk.view.is_submitting) == (None, True, False)
        await desk.action(Submit())
        assert desk.view.receipt is not None


async def test_retake_after_submit_takes_the_wait_back():
    async with sitting(SPOKEN) as desk:
        desk.transport.holds_parts = True
        await desk.answer("q1", b"abc")
        await desk.action(Submit(), Retake("q1"))
        assert (desk.view.is_submitting, desk.signer.calls("submit")) == (False, [])


@pytest.mark.parametrize("error", [NetworkFailed("reset"), StoreBusy("busy"), NotComplete("missing")])
async def test_failed_submission_is_said_and_may_be_pressed_again(error):
    async with sitting(WRITTEN) as desk:
        desk.signer.holding = {"submit"}
        await desk.action(EditText("q2", "Because."), Submit())
        for _ in range(1 if isinstance(error, Fatal) else TRIES):  # what may pass is tried again first
            (await desk.signer.next_call("submit")).fail(error)
            await desk.clock.advance(30)
        await settle()
        assert desk.view.notices[Topic.SUBMIT_FAILED, None].detail == str(error)
        assert (desk.view.is_submitting, desk.is_over) == (False, False)
        assert desk.journal.answers
        await desk.action(Submit())
        (await desk.signer.next_call("submit")).answer()
        await settle()
        assert desk.view.receipt is not None
        assert Topic.SUBMIT_FAILED not in desk.view.topics


async def test_submission_whose_reply_was_lost_is_asked_for_again_by_itself():
    async with sitting(WRITTEN) as desk:
        desk.signer.holding = {"submit"}
        await desk.action(EditText("q2", "Because."), Submit())
        (await desk.signer.next_call("submit")).lose_reply(NetworkFailed("reset"))
        await desk.clock.advance(30)
        (await desk.signer.next_call("submit")).answer()
        await settle()
        assert desk.view.receipt is not None
        assert Topic.SUBMIT_FAILED not in desk.view.topics


async def test_session_that_was_submitted_elsewhere_ends():
    async with sitting(WRITTEN) as desk:
        desk.signer.holding = {"submit"}
        await desk.action(EditText("q2", "Because."), Submit())
        (await desk.signer.next_call("submit")).fail(AlreadySubmitted("closed"))
        await settle()
        assert desk.view.dead_end is not None
        assert desk.view.dead_end.topic is Topic.ALREADY_SUBMITTED
    assert desk.is_over


async def test_receipt_stays_although_the_journal_cannot_be_cleared():
    async with sitting(WRITTEN) as desk:
        desk.journal.is_broken = True
        await desk.action(EditText("q2", "Because."), Submit())
        assert desk.view.receipt is not None
    assert (desk.is_over, desk.view.dead_end) == (True, None)


async def test_submitting_during_a_preparation_ends_it():
    async with sitting(WRITTEN, PREPARED) as desk:
        await desk.action(EditText("q2", "Because."), GoTo("q4"), Record("q4"), Submit())
        assert desk.view.receipt is not None
        await desk.clock.advance(60)
        assert desk.media_devices.made == []
    assert desk.is_over


async def test_bulk_submit_that_is_withdrawn_sends_nothing_until_the_next():
    async with sitting(SPOKEN, BOTH_TRACKS, mode=UploadMode.BULK, holds_parts=True) as desk:
        await desk.answer("q1", b"x" * 100)
        await desk.action(Submit())
        under_way = list(desk.transport.in_flight)
        assert under_way
        await desk.action(Retake("q1"))
        await desk.action(Restore("q1"))
        sent = len(desk.transport.sends)
        for send in under_way:
            send.acknowledge()
        await desk.answer("q3", b"y" * 30)
        await desk.clock.advance(60)
        assert (len(desk.transport.sends), desk.view.is_submitting) == (sent, False)
        desk.transport.holds_parts = False
        await desk.action(Submit())
        await desk.clock.advance(5)
        assert desk.view.receipt is not None


async def test_signer_that_does_not_answer_holds_up_no_other_action():
    async with sitting(SPOKEN, WRITTEN) as desk:
        await desk.answer("q1", b"abc")
        await desk.action(EditText("q2", "Because."))
        desk.signer.holding = {"submit"}
        await desk.action(Submit())
        call = await desk.signer.next_call("submit")
        await desk.action(GoTo("q2"), PauseUploads())
        assert (desk.view.question, desk.view.figures.is_paused) == ("q2", True)
        call.answer()
        await settle()
        assert desk.view.receipt is not None


async def test_answers_that_are_being_submitted_do_not_change_any_more():
    async with sitting(SPOKEN) as desk:
        await desk.answer("q1", b"abc")
        desk.signer.holding = {"submit"}
        await desk.action(Submit())
        call = await desk.signer.next_call("submit")
        await desk.action(Retake("q1"), Record("q1"))
        assert (desk.shown("q1").take, desk.phase("q1")) == (1, Phase.TAKEN)
        call.answer()
        await settle()
        assert desk.view.receipt is not None
