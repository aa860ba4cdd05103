"""Discarding is an intention: the take can be brought back until another one counts. A slip of a finger is no take."""

import asyncio

import pytest

from app.contract import AnswerRecord, FileRules, Question, Track
from app.contract.embed.outbound import AnswerCompleted
from app.core.errors import BodyTooLarge, TakeExists
from app.core.notices import Topic
from app.core.session.actions import ChooseFile, EditText, GoTo, Record, Restore, Retake, Stop, Submit
from app.core.session.answers import COUNTS_FROM_S, Phase
from tests.support.fake_journal import FakeMedia
from tests.support.fake_store import document_of, key_of, video
from tests.support.held import settle
from tests.support.sitting import SPOKEN, SPOKEN_AND_WRITTEN, WRITTEN, Sitting, sitting

pytestmark = pytest.mark.anyio
Q1 = video("q1")
BRIEF = Question(id="q1", prompt="In a word?", tracks=(Track.VIDEO,), limit_s=1, takes=2)


def _written(desk: Sitting, question: str = "q1", take: int = 1) -> AnswerRecord:
    return AnswerRecord.model_validate_json(desk.store.documents[document_of(question, take)])


# Discarding and bringing back.


async def test_discarded_take_is_stored_as_before_and_counts_again_once_it_is_brought_back():
    async with sitting() as desk:
        await desk.answer("q1", b"first")
        before = _written(desk)
        await desk.action(Retake("q1"))
        shown = desk.shown("q1")
        assert (shown.phase, shown.take, shown.takes_left, shown.is_answered) == (Phase.READY, 2, 1, False)
        assert (shown.can_restore, shown.duration_s) == (True, 1.0)

        await desk.action(Restore("q1"))
        shown = desk.shown("q1")
        assert (shown.phase, shown.take, shown.takes_left, shown.is_answered) == (Phase.TAKEN, 1, 1, True)
        assert not shown.can_restore
        assert desk.store.objects == {key_of(Q1): b"first"}
        assert _written(desk) == before
        assert list(desk.playback.live.values()) == [b"first"]
        assert desk.view.playback["q1"].keys() == {Track.VIDEO}


@pytest.mark.parametrize("is_stored", [True, False])
async def test_take_that_is_brought_back_is_submitted(is_stored):
    async with sitting(SPOKEN) as desk:
        desk.transport.holds_parts = not is_stored
        await desk.answer("q1", b"x" * 25)
        await desk.action(Retake("q1"), Submit())
        assert desk.view.receipt is None
        assert desk.view.notices[Topic.SUBMIT_MISSING, None].questions == ("q1",)
        desk.transport.holds_parts = False
        for send in desk.transport.sends:
            if not is_stored:
                send.acknowledge()
        await settle()
        await desk.action(Restore("q1"), Submit())
        assert desk.view.receipt is not None
        assert [(answer.question, answer.take) for answer in desk.view.receipt.answers] == [("q1", 1)]
        assert desk.store.objects == {key_of(Q1): b"x" * 25}


async def test_nothing_more_is_sent_of_a_discarded_take_and_nobody_waits_for_it():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.answer("q1", b"x" * 35)
        first, second = await desk.transport.next_send(), await desk.transport.next_send()
        await desk.action(Retake("q1"))
        first.acknowledge()
        second.acknowledge()
        await desk.clock.advance(60)
        assert len(desk.transport.sends) == 2
        assert desk.view.figures.is_safe
        assert desk.view.figures.tracks == ()

        desk.transport.holds_parts = False
        await desk.action(Restore("q1"))
        assert desk.store.objects == {key_of(Q1): b"x" * 35}
        assert sorted(desk.store.written) == [("upload-1", number) for number in (1, 2, 3, 4)]


async def test_host_is_told_of_a_take_that_was_discarded_while_it_was_completed_only_once_it_counts_again():
    async with sitting() as desk:
        desk.signer.holding = {"complete"}
        await desk.answer("q1", b"x" * 5)
        call = await desk.signer.next_call("complete")
        await desk.action(Retake("q1"))
        call.answer()
        await settle()
        assert not [message for message in desk.told if isinstance(message, AnswerCompleted)]
        assert desk.store.documents == {}
        await desk.action(Restore("q1"))
        assert len([message for message in desk.told if isinstance(message, AnswerCompleted)]) == 1
        assert _written(desk).tracks[Track.VIDEO].size == 5


async def test_discarded_take_is_given_up_once_the_next_one_counts():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.answer("q1", b"x" * 25)
        await desk.action(Retake("q1"), Record("q1"))
        recorder = desk.media_devices.recorders[Track.VIDEO]
        recorder.give(b"y" * 5)
        await settle()
        assert desk.store.uploads.keys() == {"upload-1"}, "it may still come to nothing"
        await desk.clock.advance(COUNTS_FROM_S)
        recorder.give(b"y" * 5)
        await settle()
        assert desk.store.uploads.keys() == {"upload-2"}
        assert desk.journal.recorded(Q1) == b""
        await desk.action(Restore("q1"))
        assert desk.phase("q1") is Phase.RECORDING
        desk.transport.holds_parts = False
        await desk.action(Stop("q1"))
        await desk.action(Restore("q1"))
        assert (desk.phase("q1"), desk.shown("q1").take) == (Phase.TAKEN, 2)


@pytest.mark.parametrize("is_stored", [True, False])
async def test_reload_finds_a_discarded_take_discarded_and_able_to_come_back(is_stored):
    async with sitting() as desk:
        desk.transport.holds_parts = not is_stored
        await desk.answer("q1", b"x" * 25)
        await desk.action(Retake("q1"))
    async with sitting(journal=desk.journal, store=desk.store, answers=desk.store.answers(), holds_parts=True) as again:
        assert again.phase("q1") is Phase.READY
        assert (again.shown("q1").can_restore, again.shown("q1").duration_s) == (True, 1.0)
        assert again.transport.in_flight == [], "a discarded take is sent"
        again.transport.holds_parts = False
        assert again.view.figures.is_safe
        assert again.view.topics == set(), "nothing of it is on its way"
        await again.action(Restore("q1"))
        assert (again.phase("q1"), again.shown("q1").take) == (Phase.TAKEN, 1)
        assert again.store.objects == {key_of(Q1): b"x" * 25}
        assert again.journal.is_empty
    async with sitting(journal=again.journal, store=again.store, answers=again.store.answers()) as once_more:
        assert (once_more.phase("q1"), once_more.shown("q1").take) == (Phase.TAKEN, 1)


async def test_words_beside_a_discarded_take_stay_with_it_until_another_one_counts():
    async with sitting(SPOKEN_AND_WRITTEN) as desk:
        await desk.answer("q5", b"first")
        await desk.action(Retake("q5"), EditText("q5", "And this."))
        await desk.clock.advance(1)
        assert desk.store.documents.keys() == {document_of("q5")}
        assert _written(desk, "q5").tracks.keys() == {Track.VIDEO}
        await desk.action(Restore("q5"))
        assert _written(desk, "q5").text == "And this."
        await desk.action(Retake("q5"))
        await desk.answer("q5", b"second")
        assert _written(desk, "q5", 2).text == "And this."


async def test_file_replaces_a_discarded_take():
    free = SPOKEN.model_copy(update={"file": FileRules()})
    async with sitting(free) as desk:
        await desk.answer("q1", b"first")
        await desk.action(Retake("q1"), ChooseFile("q1", FakeMedia(b"\x1a\x45\xdf\xa3" + b"x" * 20)))
        assert (desk.phase("q1"), desk.shown("q1").take) == (Phase.TAKEN, 2)
        assert not desk.shown("q1").can_restore


async def test_take_that_was_discarded_stays_so_after_a_reload_by_whatever_number_it_goes():
    async with sitting() as desk:
        desk.signer.holding = {"create"}
        await desk.answer("q1", b"x" * 25)
        creating = await desk.signer.next_call("create")
        await desk.action(Retake("q1"))
        creating.fail(TakeExists("This take has already been stored."))  # on another device
        await settle()
        desk.signer.holding = set()
        (await desk.signer.next_call("create")).answer()
        await settle()
    async with sitting(journal=desk.journal, store=desk.store, answers=desk.store.answers()) as again:
        assert (again.phase("q1"), again.shown("q1").can_restore) == (Phase.READY, True)


async def test_refusal_of_a_take_is_no_longer_told_once_it_is_discarded():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        recorder = await desk.record("q1", b"x" * 10)
        for _ in range(3):
            await desk.clock.advance(100)
            for send in desk.transport.in_flight:
                send.fail(BodyTooLarge("The store answered 413."))
            recorder.give(b"x")
            await settle()
        await desk.action(Stop("q1"))
        assert Topic.STORE_REFUSES in desk.view.topics
        await desk.action(Retake("q1"))
        await desk.clock.advance(1)
        assert Topic.STORE_REFUSES not in desk.view.topics


# What its player plays.


async def test_what_is_played_becomes_one_file_once_its_question_is_left():
    async with sitting(SPOKEN, WRITTEN) as desk:
        await desk.action(GoTo("q1"))
        await desk.answer("q1", b"first")
        before = dict(desk.view.playback["q1"])
        await desk.action(GoTo("q2"), GoTo("q1"))
        after = dict(desk.view.playback["q1"])
        assert after.keys() == before.keys()
        assert after != before
        assert desk.playback.live == {after[Track.VIDEO]: b"first"}
        await desk.action(GoTo("q2"), GoTo("q1"))
        assert desk.view.playback["q1"] == after


async def test_a_file_that_comes_too_late_is_not_played_for_the_next_take():
    async with sitting(SPOKEN, WRITTEN) as desk:
        await desk.action(GoTo("q1"))
        await desk.answer("q1", b"first")
        desk.playback.files_come = late = asyncio.Event()
        await desk.action(GoTo("q2"), GoTo("q1"), Retake("q1"))
        desk.playback.files_come = asyncio.Event()
        desk.playback.files_come.set()
        await desk.answer("q1", b"second")
        await desk.action(GoTo("q2"))
        late.set()
        await settle()
        assert [desk.playback.live[url] for url in desk.view.playback["q1"].values()] == [b"second"]
        assert list(desk.playback.live.values()) == [b"second"]


async def test_without_such_a_file_the_pieces_are_played():
    async with sitting(SPOKEN, WRITTEN) as desk:
        desk.playback.has_files = False
        await desk.action(GoTo("q1"))
        await desk.answer("q1", b"first")
        before = dict(desk.view.playback["q1"])
        await desk.action(GoTo("q2"))
        assert desk.view.playback["q1"] == before
        assert list(desk.playback.live.values()) == [b"first"]


async def test_a_discarded_take_stays_hidden_while_its_file_is_made():
    async with sitting(SPOKEN, WRITTEN) as desk:
        await desk.action(GoTo("q1"))
        await desk.answer("q1", b"first")
        await desk.action(Retake("q1"), GoTo("q2"), GoTo("q1"))
        assert desk.view.playback["q1"] == {}
        await desk.action(Restore("q1"))
        assert [desk.playback.live[url] for url in desk.view.playback["q1"].values()] == [b"first"]


async def test_a_take_that_is_replaced_leaves_no_file():
    async with sitting(SPOKEN, WRITTEN) as desk:
        await desk.action(GoTo("q1"))
        await desk.answer("q1", b"first")
        await desk.action(Retake("q1"))
        await desk.record("q1", b"second")
        await desk.action(Stop("q1"))
        await desk.clock.advance(1)
        await desk.action(GoTo("q2"))
        assert list(desk.playback.live.values()) == [b"second"]
