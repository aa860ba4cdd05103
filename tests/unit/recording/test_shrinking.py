"""A chosen video over its size is made smaller on its way into the journal: whole, or not at all."""

import pytest

from app.contract import AnswerRecord, FileRules, Question, Track
from app.core.notices import Topic
from app.core.session.actions import ChooseFile, GoTo, Record, Retake, StopShrinking, Submit
from app.core.session.answers import Phase
from tests.support.fake_journal import FakeMedia
from tests.support.fake_store import document_of, key_of, video
from tests.support.sitting import Sitting, sitting

pytestmark = pytest.mark.anyio

FILM = b"\x1a\x45\xdf\xa3" + bytes(range(200))
SMALLER = FILM[::2]
POLICY = {"video_bits_per_second": 50_000, "video_audio_bits_per_second": 6_000}
LASTS_S = 0.01  # at these rates about 80 bytes


def question(max_bytes: int, shrink_over_bytes: int | None = 100) -> Question:
    rules = FileRules(max_bytes=max_bytes, shrink_over_bytes=shrink_over_bytes)
    return Question(id="q1", prompt="?", tracks=(Track.VIDEO, Track.AUDIO), limit_s=60, takes=2, file=rules)


LARGE_BUT_ALLOWED = question(max_bytes=1000)
TOO_LARGE = question(max_bytes=150)


async def choose(desk: Sitting) -> None:
    desk.files.duration_s, desk.files.piece_bytes = LASTS_S, 26
    await desk.action(ChooseFile("q1", FakeMedia(FILM)))


def stored(desk: Sitting) -> bytes:
    return desk.store.objects[key_of(video("q1"))]


@pytest.mark.parametrize("asked", [LARGE_BUT_ALLOWED, TOO_LARGE])
async def test_large_video_is_stored_smaller(asked):
    async with sitting(asked, policy=POLICY) as desk:
        await choose(desk)

        assert desk.phase("q1") is Phase.TAKEN
        assert stored(desk) == SMALLER
        record = AnswerRecord.model_validate_json(desk.store.documents[document_of("q1", 1)]).tracks[Track.VIDEO]
        assert (record.size, record.content_type) == (len(SMALLER), "video/mp4")
        assert (record.duration_s, record.prepared) == (LASTS_S, True)
        assert (desk.files.shrinkings[0].is_closed, desk.view.shrinking) == (True, {})


@pytest.mark.parametrize("asked", [question(max_bytes=1000, shrink_over_bytes=None), question(1000, len(FILM))])
async def test_video_within_its_size_goes_as_it_is(asked):
    async with sitting(asked, policy=POLICY) as desk:
        await choose(desk)
        assert (stored(desk), desk.files.shrinkings) == (FILM, [])


@pytest.mark.parametrize("after", [0, 40])
async def test_video_that_cannot_be_encoded_goes_as_it_is_if_it_may(after):
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY) as desk:
        desk.files.shrinking_fails_after = after
        await choose(desk)
        assert (stored(desk), desk.view.topics) == (FILM, {Topic.FILE_SENT_AS_IT_IS})
        assert "EncodingError" in desk.console.said[0]
        await desk.action(Retake("q1"))
        assert desk.view.topics == set()
    async with sitting(TOO_LARGE, policy=POLICY) as desk:
        desk.files.shrinking_fails_after = after
        await choose(desk)
        assert (desk.phase("q1"), desk.view.topics) == (Phase.READY, {Topic.FILE_STAYS_TOO_LARGE})
        assert (desk.journal.is_empty, desk.store.uploads) == (True, {})
        desk.files.shrinking_fails_after = None
        await choose(desk)
        assert (stored(desk), desk.view.topics) == (SMALLER, set())


async def test_what_cannot_begin_meanwhile_says_why_and_the_screen_stays_on():
    other = question(max_bytes=1000).model_copy(update={"id": "q9"})
    async with sitting(LARGE_BUT_ALLOWED, other, policy=POLICY) as desk:
        desk.files.shrinking_is_stuck_after = 40
        await choose(desk)
        assert desk.page_lifecycle.is_awake
        for action in (Record("q9"), ChooseFile("q9", FakeMedia(FILM))):
            await desk.action(GoTo("q9"), action)
            assert (desk.phase("q9"), desk.view.topics) == (Phase.READY, {Topic.FILE_IN_THE_WAY})
        assert len(desk.files.shrinkings) == 1

        await desk.action(StopShrinking("q1", sends_as_is=True))
        await desk.clock.advance(1)
        assert (desk.view.topics, desk.page_lifecycle.is_awake) == (set(), False)
        await desk.action(Record("q9"))
        assert desk.phase("q9") is Phase.RECORDING


async def test_result_that_is_still_too_large_is_refused():
    async with sitting(question(max_bytes=90), policy=POLICY) as desk:
        await choose(desk)
        assert (desk.phase("q1"), desk.view.topics) == (Phase.READY, {Topic.FILE_STAYS_TOO_LARGE})
        assert desk.journal.is_empty


async def test_file_that_goes_while_it_is_encoded_is_unreadable_and_nothing_is_sent():
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY) as desk:
        desk.files.shrinking_fails_after, desk.files.gone_after = 40, 50
        await choose(desk)
        assert (desk.phase("q1"), desk.view.topics) == (Phase.READY, {Topic.FILE_UNREADABLE})
        assert (desk.journal.is_empty, desk.store.uploads) == (True, {})


async def test_page_shows_how_far_it_is_and_is_not_safe_meanwhile():
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY) as desk:
        desk.files.shrinking_is_stuck_after = 52
        await choose(desk)
        shown = desk.view.shrinking["q1"]
        assert (shown.percent, shown.may_send_as_is, desk.phase("q1")) == (50, True, Phase.FINISHING)
        assert (desk.view.figures.is_safe, desk.store.uploads) == (False, {})
    async with sitting(TOO_LARGE, policy=POLICY) as desk:
        desk.files.shrinking_is_stuck_after = 0
        await choose(desk)
        assert not desk.view.shrinking["q1"].may_send_as_is


@pytest.mark.parametrize("after", [0, 52])
async def test_cancelled_video_leaves_nothing_and_another_one_may_be_chosen(after):
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY) as desk:
        desk.files.shrinking_is_stuck_after = after
        await choose(desk)
        await desk.action(StopShrinking("q1", sends_as_is=False))
        assert (desk.phase("q1"), desk.shown("q1").take, desk.view.topics) == (Phase.READY, 1, set())
        assert (desk.journal.is_empty, desk.store.uploads, desk.view.shrinking) == (True, {}, {})

        desk.files.shrinking_is_stuck_after = None
        await choose(desk)
        assert list(desk.store.objects.values()) == [SMALLER]


@pytest.mark.parametrize("after", [0, 52])
async def test_candidate_may_send_the_file_as_it_is(after):
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY) as desk:
        desk.files.shrinking_is_stuck_after = after
        await choose(desk)
        await desk.action(StopShrinking("q1", sends_as_is=True))
        assert (stored(desk), desk.phase("q1"), desk.view.topics) == (FILM, Phase.TAKEN, set())
        await desk.action(StopShrinking("q1", sends_as_is=False))  # pressed too late
        assert desk.phase("q1") is Phase.TAKEN


async def test_crash_while_it_is_encoded_leaves_nothing_that_counts():
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY) as desk:
        desk.files.shrinking_is_stuck_after = 52
        await choose(desk)
        journal, store = desk.journal, desk.store
    assert (desk.files.shrinkings[0].is_closed, journal.is_empty) == (True, False)
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY, journal=journal, store=store) as desk:
        assert (journal.is_empty, desk.phase("q1"), desk.view.topics) == (True, Phase.READY, set())
        assert store.uploads == {}


async def test_crash_between_cancel_and_cleaning_up_leaves_nothing_that_counts():
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY) as desk:
        desk.files.shrinking_is_stuck_after = 52
        await choose(desk)
        desk.session._takes.stop_shrinking(sends_as_is=False)  # without the turns of the loop that would follow
        journal, store = desk.journal, desk.store
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY, journal=journal, store=store) as desk:
        assert (journal.is_empty, desk.phase("q1")) == (True, Phase.READY)


async def test_submit_waits_for_it_and_says_what_is_missing_after_a_cancel():
    async with sitting(LARGE_BUT_ALLOWED, policy=POLICY) as desk:
        desk.files.shrinking_is_stuck_after = 52
        await choose(desk)
        await desk.action(Submit())
        assert desk.view.receipt is None
        await desk.action(StopShrinking("q1", sends_as_is=False))
        assert Topic.SUBMIT_MISSING in desk.view.topics
