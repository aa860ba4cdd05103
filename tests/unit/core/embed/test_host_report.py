"""What an embedding page is told, by whole sittings between fakes."""

from typing import Any

import pytest

from app.contract import Question, TextRules, Track, UploadMode
from app.contract.embed.outbound import (
    AnswerCompleted,
    Efficiency,
    PageMessage,
    RecordingStarted,
    RecordingStopped,
    SafeToClose,
    Submitted,
    UploadError,
    UploadProgress,
    UploadRetry,
    UploadSuccess,
)
from app.contract.reasons import Reason
from app.core.errors import StoreBusy, UrlRejected
from app.core.session.actions import EditText, Stop, Submit
from tests.support.held import settle
from tests.support.sitting import SPOKEN, WRITTEN, sitting

pytestmark = pytest.mark.anyio


def types(desk) -> list[str]:
    return [message.type for message in desk.told]


def only(desk, kind: type[PageMessage]) -> list[Any]:
    return [message for message in desk.told if isinstance(message, kind)]


async def test_interview_is_told_from_the_first_word_to_the_receipt():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"x" * 100)
        await desk.speak(recorder, 2)
        await desk.action(Stop("q1"), EditText("q2", "Because."))
        await desk.clock.advance(5)
        await desk.action(Submit())

    steps = [type_ for type_ in types(desk) if type_ not in ("upload-progress", "part-uploaded")]
    assert steps == [
        "safe-to-close",  # no longer
        "recording-started",
        "recording-stopped",
        "upload-success",
        "answer-completed",
        "answer-completed",
        "safe-to-close",
        "submitted",
        "efficiency",
    ]
    assert only(desk, RecordingStarted) == [RecordingStarted(question="q1", take=1, track="video")]
    [stopped] = only(desk, RecordingStopped)
    assert (stopped.duration_s, stopped.interrupted) == (3, False)
    assert [success.size for success in only(desk, UploadSuccess)] == [102]
    assert [(told.question, told.tracks) for told in only(desk, AnswerCompleted)] == [("q1", ("video",)), ("q2", ())]
    assert [told.is_safe for told in only(desk, SafeToClose)] == [False, True]
    assert [told.answers for told in only(desk, Submitted)] == [2]
    [efficiency] = only(desk, Efficiency)
    assert efficiency.recorded == 102
    assert 0 <= efficiency.stored_at_stop <= 1
    figures = only(desk, UploadProgress)
    assert (figures[-1].percent, figures[-1].backlog) == (100, 0)


async def test_progress_is_told_twice_a_second_at_most():
    async with sitting(mode=UploadMode.BULK) as desk:
        recorder = await desk.record("q1")
        for _ in range(40):
            recorder.give(b"x" * 10)
            await desk.clock.advance(0.1)

    assert 4 <= len(only(desk, UploadProgress)) <= 4 / 0.5 + 1


async def test_text_is_told_complete_once_however_often_it_is_changed():
    async with sitting(WRITTEN) as desk:
        for text in ("B", "Be", "Because"):
            await desk.action(EditText("q2", text))
            await desk.clock.advance(5)

    assert len(only(desk, AnswerCompleted)) == 1


async def test_passing_failure_is_told_with_its_reason_and_no_detail():
    async with sitting(holding=frozenset({"create"})) as desk:
        await desk.record("q1", b"x" * 100)
        (await desk.signer.next_call("create")).fail(StoreBusy("Please wait: https://store.example/?secret"))
        await settle()

    assert only(desk, UploadRetry) == [UploadRetry(question="q1", take=1, track="video", reason=Reason.BUSY)]
    assert not any("secret" in message.model_dump_json() for message in desk.told)


async def test_what_a_person_must_mend_is_told_as_an_error():
    async with sitting(holding=frozenset({"create"})) as desk:
        await desk.record("q1", b"x" * 100)
        (await desk.signer.next_call("create")).fail(UrlRejected("no"))
        await settle()

    assert only(desk, UploadRetry) == []
    assert only(desk, UploadError) == [UploadError(question="q1", take=1, track="video", reason="refused")]


async def test_network_is_told_once_each_way():
    async with sitting() as desk:
        desk.network.turn(online=False)
        await settle()
        desk.network.turn(online=False)
        await settle()
        desk.network.turn(online=True)
        await settle()

    assert [type_ for type_ in types(desk) if "line" in type_] == ["is-offline", "back-online"]


async def test_what_an_earlier_visit_recorded_is_not_told_as_news():
    async with sitting() as before:
        await before.record("q1", b"x" * 100)
    async with sitting(journal=before.journal, store=before.store) as desk:
        await desk.clock.advance(5)

    assert only(desk, RecordingStarted) == []
    assert [told.interrupted for told in only(desk, RecordingStopped)] == [True]
    assert [told.question for told in only(desk, AnswerCompleted)] == ["q1"]


async def test_efficiency_is_what_was_stored_at_stop_and_the_wait_behind_it():
    async with sitting(SPOKEN, mode=UploadMode.PER_ANSWER) as desk:
        desk.transport.holds_parts = True
        await desk.answer("q1", b"x" * 4)
        await desk.clock.advance(3)
        (await desk.transport.next_send()).acknowledge()
        await desk.clock.advance(5)
        await desk.action(Submit())

    [efficiency] = only(desk, Efficiency)
    assert (efficiency.recorded, efficiency.stored_at_stop, efficiency.waited_s) == (4, 0, 3)


async def test_answer_with_a_track_still_on_its_way_is_not_told_complete():
    question = Question(id="q", prompt="Tell us.", tracks=(Track.VIDEO, Track.AUDIO), text=TextRules())
    async with sitting(question) as desk:
        desk.transport.holds_parts = True
        await desk.record("q", b"x" * 4)
        desk.media_devices.recorders[Track.AUDIO].give(b"y" * 3)
        await desk.action(Stop("q"))
        (await desk.transport.next_send()).acknowledge()
        await desk.action(EditText("q", "And so on."))
        await desk.clock.advance(5)
        before = only(desk, UploadSuccess), only(desk, AnswerCompleted)
        (await desk.transport.next_send()).acknowledge()
        await desk.clock.advance(5)

    assert (len(before[0]), before[1]) == (1, [])
    assert [set(told.tracks) for told in only(desk, AnswerCompleted)] == [{"video", "audio"}]
