"""A full disk kept the last chunks in memory alone, and the page went: what is left is stored, and nothing hangs."""

import hashlib
from collections.abc import Collection
from dataclasses import replace

import pytest

from app.contract import AnswerRecord, Track, TrackRecord
from app.core.session.actions import Stop
from app.core.session.answers import Phase
from app.core.upload.events import Noted, PartAcknowledged, RecordingStarted, RecordingStopped
from tests.support.fake_store import document_of, key_of, video
from tests.support.held import settle
from tests.support.sitting import Sitting, sitting

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(48))  # five parts of 10, the last one of 8
CHUNK = 6


async def _crashed(on_disk: int, acknowledged: Collection[int], *, is_stopped: bool = True) -> Sitting:
    """Record CONTENT, the first `on_disk` bytes of it on disk; the store gets some parts; then the page is gone."""
    async with sitting() as desk:
        desk.transport.holds_parts = True
        recorder = await desk.record("q1")
        for start in range(0, len(CONTENT), CHUNK):
            if start == on_disk:
                desk.journal.room = 0
            recorder.give(CONTENT[start : start + CHUNK])
            await settle()
        desk.journal.room = None
        if is_stopped:
            await desk.action(Stop("q1"))
        while len(desk.store.written) < len(acknowledged):
            send = await desk.transport.next_send()
            if send.number in acknowledged:  # the others stay on their way
                send.acknowledge()
                await settle()
    desk.journal.crash()
    return desk


def _is_acknowledgement(fact: Noted, number: int) -> bool:
    return isinstance(fact, PartAcknowledged) and fact.number == number


def _record(desk: Sitting) -> TrackRecord:
    return AnswerRecord.model_validate_json(desk.store.documents[document_of("q1")]).tracks[Track.VIDEO]


@pytest.mark.parametrize("is_stopped", [True, False])
async def test_recording_ends_where_the_disk_was_full(is_stopped):
    desk = await _crashed(24, {1}, is_stopped=is_stopped)
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): CONTENT[:24]}
        record = _record(again)
        assert (record.size, record.sha256) == (24, hashlib.sha256(CONTENT[:24]).hexdigest())
        assert record.interrupted
        assert again.view.figures.is_safe
        assert again.view.figures.percent == 100
        assert again.journal.is_empty
    assert again.store.written.count(("upload-1", 1)) == 1


@pytest.mark.parametrize("is_stopped", [True, False])
async def test_what_the_store_has_of_bytes_that_the_device_has_lost_counts(is_stopped):
    desk = await _crashed(24, {1, 2, 3, 4}, is_stopped=is_stopped)
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): CONTENT[:40]}
        assert (_record(again).size, _record(again).sha256) == (40, None)
        assert _record(again).interrupted
        assert again.view.figures.is_safe


async def test_part_behind_a_hole_is_given_up_with_its_upload():
    desk = await _crashed(24, {1, 2, 4})
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): CONTENT[:24]}
        assert len(again.signer.calls("create")) == 1, "a new upload, everything again"
        assert again.view.figures.is_safe


async def test_cut_is_found_again_after_another_reload():
    desk = await _crashed(24, {1, 2})
    async with sitting(journal=desk.journal, store=desk.store, holding=frozenset({"complete"})) as second:
        await second.signer.next_call("complete")
    async with sitting(journal=second.journal, store=second.store) as third:
        assert third.store.objects == {key_of(Q1): CONTENT[:24]}
        assert third.view.figures.is_safe


async def test_end_that_an_older_version_noted_without_its_size_is_good_enough():
    desk = await _crashed(24, {1, 2})
    desk.journal.facts = [
        replace(fact, size=None) if isinstance(fact, RecordingStopped) else fact for fact in desk.journal.facts
    ]
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): CONTENT[:24]}
        assert again.view.figures.is_safe


async def test_part_that_nobody_acknowledged_and_whose_bytes_are_gone_does_not_count():
    desk = await _crashed(24, {1, 2, 3})
    desk.journal.facts = [fact for fact in desk.journal.facts if not _is_acknowledgement(fact, 3)]
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): CONTENT[:24]}
        assert _record(again).interrupted
        assert again.view.figures.is_safe


async def test_end_that_was_noted_before_the_upload_was_created_tells_how_much_is_missing():
    desk = await _crashed(24, {1})
    desk.journal.facts = sorted(
        desk.journal.facts, key=lambda fact: not isinstance(fact, RecordingStarted | RecordingStopped)
    )
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): CONTENT[:24]}
        assert (_record(again).sha256, _record(again).interrupted) == (hashlib.sha256(CONTENT[:24]).hexdigest(), True)


async def test_recording_of_which_nothing_is_left_may_be_made_again():
    desk = await _crashed(0, set())
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.view.figures.tracks == ()
        assert again.phase("q1") is Phase.READY
        await again.answer("q1", b"y" * 25)
        assert again.store.objects == {key_of(Q1): b"y" * 25}
