"""A take that is stopped within its first second does not count, and replaces nothing."""

import pytest

from app.contract import Question, Track
from app.contract.embed.outbound import RecordingStarted, RecordingStopped
from app.core.notices import Topic
from app.core.session.actions import Record, Restore, Retake, Stop
from app.core.session.answers import COUNTS_FROM_S, Phase
from tests.support.fake_store import audio, key_of, video
from tests.support.held import settle
from tests.support.sitting import BOTH_TRACKS, PREPARED, WRITTEN, Sitting, sitting

pytestmark = pytest.mark.anyio
Q1 = video("q1")
BRIEF = Question(id="q1", prompt="In a word?", tracks=(Track.VIDEO,), limit_s=1, takes=2)


async def _slip(desk: Sitting, question: str = "q1", content: bytes = b"oh") -> None:
    """Start, and stop before a second has passed."""
    await desk.action(Record(question))
    for recorder in desk.media_devices.recorders.values():
        recorder.give(content)
    await desk.clock.advance(COUNTS_FROM_S * 0.9)
    await desk.action(Stop(question))


async def test_row_39_take_under_a_second_leaves_nothing_and_uses_nothing_up():
    async with sitting() as desk:
        await _slip(desk)
        assert (desk.phase("q1"), desk.shown("q1").take, desk.shown("q1").takes_left) == (Phase.READY, 1, 2)
        assert desk.view.topics == {Topic.TOO_SHORT}
        assert (desk.signer.calls("create"), desk.store.objects, desk.journal.is_empty) == ([], {}, True)
        assert not [message for message in desk.told if isinstance(message, RecordingStarted | RecordingStopped)]

        await desk.answer("q1", b"meant")
        assert desk.view.topics == set()
        assert desk.store.objects == {key_of(Q1): b"meant"}


async def test_row_39_take_under_a_second_does_not_replace_a_discarded_one():
    async with sitting() as desk:
        await desk.answer("q1", b"first")
        await desk.action(Retake("q1"))
        await _slip(desk)
        assert (desk.shown("q1").takes_left, desk.shown("q1").can_restore) == (1, True)
        await desk.action(Restore("q1"))
        assert (desk.phase("q1"), desk.shown("q1").take, desk.view.topics) == (Phase.TAKEN, 1, set())
        assert desk.store.objects == {key_of(Q1): b"first"}


async def test_take_that_reaches_its_limit_of_a_second_counts():
    async with sitting(BRIEF, WRITTEN) as desk:
        await desk.action(Record("q1"))
        desk.media_devices.recorders[Track.VIDEO].give(b"yes")
        await desk.clock.advance(1.1)
        assert (desk.phase("q1"), desk.view.topics) == (Phase.TAKEN, set())
        assert desk.store.objects == {key_of(Q1): b"yes"}


async def test_take_that_a_device_ends_within_its_first_second_is_kept():
    async with sitting() as desk:
        await desk.action(Record("q1"))
        recorder = desk.media_devices.recorders[Track.VIDEO]
        recorder.give(b"abc")
        await desk.clock.advance(0.5)
        recorder.lose()
        await settle()
        assert (desk.phase("q1"), desk.view.topics) == (Phase.TAKEN, {Topic.DEVICE_LOST})
        assert desk.store.objects == {key_of(Q1): b"abc"}


async def test_both_tracks_of_a_slip_are_forgotten():
    async with sitting(BOTH_TRACKS) as desk:
        await _slip(desk, "q3")
        assert (desk.phase("q3"), desk.journal.is_empty, desk.store.uploads) == (Phase.READY, True, {})


async def test_slip_right_after_the_preparation_leaves_the_take():
    async with sitting(PREPARED) as desk:
        await desk.action(Record("q4"))
        await _slip(desk, "q4")
        assert (desk.phase("q4"), desk.shown("q4").takes_left) == (Phase.READY, 3)
        await desk.action(Record("q4"))
        await desk.record("q4", b"now", Track.AUDIO)
        await desk.action(Stop("q4"))
        assert desk.store.objects == {key_of(audio("q4")): b"now"}


@pytest.mark.parametrize("is_stored", [True, False])
async def test_reload_in_the_first_second_of_the_next_take_leaves_the_discarded_one_as_it_was(is_stored):
    async with sitting() as desk:
        desk.transport.holds_parts = not is_stored
        await desk.answer("q1", b"x" * 25)
        await desk.action(Retake("q1"), Record("q1"))
        await desk.clock.advance(COUNTS_FROM_S * 0.4)
        desk.media_devices.recorders[Track.VIDEO].give(b"oh")  # what the recorder gives when the page is left
        await settle()
    async with sitting(journal=desk.journal, store=desk.store, answers=desk.store.answers()) as again:
        assert (again.phase("q1"), again.shown("q1").can_restore) == (Phase.READY, True)
        await again.action(Restore("q1"))
        assert again.store.objects == {key_of(Q1): b"x" * 25}
        assert (again.store.uploads, again.journal.is_empty) == ({}, True)
