"""A file recorded elsewhere: the same journal and uploads as a recording, and nothing half."""

import pytest

from app.contract import AnswerRecord, FileRules, Question, Track
from app.core.notices import Topic
from app.core.session.actions import Begin, ChooseFile, EditText, GoTo, Record, Retake, Stop, Submit
from app.core.session.answers import COUNTS_FROM_S, Phase
from tests.support.fake_journal import FakeMedia
from tests.support.fake_store import document_of, key_of, video
from tests.support.sitting import SPOKEN, WRITTEN, Sitting, sitting

pytestmark = pytest.mark.anyio

WEBM = b"\x1a\x45\xdf\xa3 and a film"
FREE = Question(
    id="q1", prompt="?", tracks=(Track.VIDEO, Track.AUDIO), limit_s=60, takes=2, file=FileRules(max_bytes=100)
)


def record_of(desk: Sitting, take: int = 1) -> AnswerRecord:
    return AnswerRecord.model_validate_json(desk.store.documents[document_of("q1", take)])


async def test_chosen_file_becomes_the_answer():
    async with sitting(FREE) as desk:
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)))

        assert desk.phase("q1") is Phase.TAKEN
        assert desk.store.objects == {key_of(video("q1")): WEBM}
        track = record_of(desk).tracks[Track.VIDEO]
        assert (track.size, track.duration_s, track.prepared, track.interrupted) == (len(WEBM), 30.0, True, False)
        assert list(desk.playback.live.values()) == [WEBM]
        await desk.action(Submit())
        assert desk.view.receipt is not None


async def test_recording_is_not_called_prepared():
    async with sitting(FREE) as desk:
        await desk.answer("q1", b"live")
        assert not record_of(desk).tracks[Track.VIDEO].prepared


@pytest.mark.parametrize(
    ("content", "duration_s", "topic"),
    [
        (b"", 1.0, Topic.FILE_UNREADABLE),
        (b"%PDF", 1.0, Topic.FILE_WRONG_TYPE),
        (WEBM * 10, 1.0, Topic.FILE_TOO_LARGE),
        (WEBM, None, Topic.FILE_UNREADABLE),
        (WEBM, 62.0, Topic.FILE_TOO_LONG),
    ],
)
async def test_file_that_cannot_be_taken_is_told_and_costs_no_take(content, duration_s, topic):
    async with sitting(FREE) as desk:
        desk.files.duration_s = duration_s
        await desk.action(ChooseFile("q1", FakeMedia(content)))
        assert (desk.view.topics & set(Topic), desk.phase("q1")) == ({topic}, Phase.READY)

        desk.files.duration_s = 30.0
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)))
        assert (topic in desk.view.topics, desk.shown("q1").take) == (False, 1)


@pytest.mark.parametrize("gone_after", [0, 4, 8])
async def test_file_that_goes_while_it_is_read_leaves_nothing(gone_after):
    async with sitting(FREE) as desk:
        desk.files.gone_after = gone_after
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)))
        assert (Topic.FILE_UNREADABLE in desk.view.topics, desk.phase("q1")) == (True, Phase.READY)
        assert (desk.journal.is_empty, desk.store.uploads, desk.signer.asked) == (True, {}, [])

        desk.files.gone_after = None
        await desk.answer("q1", b"live instead")
        assert desk.store.objects[key_of(video("q1"))] == b"live instead"


async def test_crash_while_a_file_is_read_leaves_nothing_that_the_next_recording_could_stand_behind():
    async with sitting(FREE) as desk:
        desk.files.is_stuck_after = 8
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)))
        journal, store = desk.journal, desk.store
    assert not journal.is_empty
    async with sitting(FREE, journal=journal, store=store) as desk:
        assert (journal.is_empty, desk.phase("q1"), desk.view.topics) == (True, Phase.READY, set())
        await desk.answer("q1", b"live instead")
        assert desk.store.objects == {key_of(video("q1")): b"live instead"}


async def test_reload_behind_a_chosen_file_uploads_it():
    async with sitting(FREE) as desk:
        desk.transport.holds_parts = True
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)))
        journal, store = desk.journal, desk.store
    journal.crash()
    async with sitting(FREE, journal=journal, store=store) as desk:
        assert desk.store.objects == {key_of(video("q1")): WEBM}
        assert record_of(desk).tracks[Track.VIDEO].prepared
        assert Topic.CUT_OFF not in desk.view.topics


async def test_file_is_refused_where_none_is_asked_for_or_a_recording_runs():
    async with sitting(SPOKEN) as desk:
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)), ChooseFile("nowhere", FakeMedia(WEBM)))
        assert (desk.phase("q1"), desk.journal.is_empty) == (Phase.READY, True)
    async with sitting(FREE) as desk:
        await desk.action(Record("q1"))
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)))
        assert desk.phase("q1") is Phase.RECORDING


async def test_nothing_is_safe_and_nothing_records_while_a_file_is_read():
    async with sitting(FREE) as desk:
        desk.files.is_stuck_after = 8
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)), Record("q1"))
        assert (desk.phase("q1"), desk.media_devices.made) == (Phase.FINISHING, [])
        assert not desk.view.figures.is_safe


async def test_slow_drive_holds_up_neither_the_next_question_nor_submit():
    async with sitting(FREE, WRITTEN) as desk:
        desk.files.is_stuck_after = 8
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)), GoTo("q2"), EditText("q2", "Because."))
        assert (desk.view.question, desk.shown("q2").text) == ("q2", "Because.")
    async with sitting(FREE) as desk:
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)), Submit())
        assert desk.view.receipt is not None


async def test_retake_of_a_file_may_be_a_recording():
    async with sitting(FREE) as desk:
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)))
        await desk.action(Retake("q1"), Record("q1"))
        await desk.clock.advance(COUNTS_FROM_S)
        desk.media_devices.recorders[Track.VIDEO].give(b"live")
        await desk.action(Stop("q1"))
        assert record_of(desk, take=2).tracks[Track.VIDEO].prepared is False


async def test_who_goes_on_without_devices_is_asked_for_them_only_when_recording():
    async with sitting(FREE, WRITTEN) as desk:
        desk.media_devices.refusal = Topic.NO_DEVICE
        await desk.action(Begin(goes_without=True), GoTo("q2"), GoTo("q1"))
        assert (desk.media_devices.opened, desk.view.topics, desk.view.question) == ([], set(), "q1")
        await desk.action(Record("q1"))
        assert Topic.NO_DEVICE in desk.view.topics
        await desk.action(ChooseFile("q1", FakeMedia(WEBM)))
        assert desk.phase("q1") is Phase.TAKEN
