"""The picture follows the uplink: between answers by its rung, within one by its frame rate."""

import pytest

from app.contract import Track, UploadMode, UploadPolicy
from app.contract.efficiency import Advice, Efficiency
from app.core.errors import Retryable, StoreBusy, UrlRejected
from app.core.notices import Topic
from app.core.recording.rung_choice import LinkHints
from app.core.session.actions import GoTo, PauseUploads, Record, ResumeUploads, Stop
from app.core.session.machine import SessionMachine
from app.core.session.state import opened
from app.core.upload.scheduler import Scheduler
from app.recording.quality import QualityControl
from tests.support.fake_store import FakeStore
from tests.support.sitting import BOTH_TRACKS, PREPARED, SPOKEN, SPOKEN_AND_WRITTEN, WRITTEN, Sitting, sitting

pytestmark = pytest.mark.anyio

# Bytes per second of these takes are small: 20 bytes a second are "2.5 Mbit/s".
POLICY = {
    "video_bits_per_second": 50_000,
    "video_audio_bits_per_second": 6_000,
    "audio_bits_per_second": 6_000,
    "ladder": [],
}
LADDER = {
    "video_bits_per_second": 400_000,
    "ladder": [
        {"short_side": 360, "frames_per_second": 24, "video_bits_per_second": 200_000},
        {"short_side": 240, "frames_per_second": 15, "video_bits_per_second": 100_000, "codec": "vp8"},
    ],
}
NEED = (50_000 + 6_000) // 8  # bytes a second


def asked(desk: Sitting) -> list[int]:
    """Return the bits per second that were asked of each recorder."""
    return [bits for bits, _ in desk.media_devices.asked]


async def fall_behind(desk: Sitting, duration_s: int) -> None:
    """Record over a line that takes nothing: the transport holds its parts."""
    recorder = await desk.record("q1", b"x" * NEED)
    await desk.speak(recorder, duration_s, b"x" * NEED)


async def test_the_first_answer_has_the_largest_picture_where_nothing_is_known():
    async with sitting(SPOKEN, policy=LADDER) as desk:
        await desk.answer("q1", b"x" * 100)

    assert asked(desk) == [400_000]
    assert [rung.short_side for rung in desk.media_devices.fitted] == [720]


async def test_a_phone_that_saves_data_gets_a_smaller_one():
    async with sitting(SPOKEN, policy=LADDER) as desk:
        desk.network.said = LinkHints(saves_data=True)
        await desk.answer("q1", b"x" * 100)

    assert asked(desk) == [200_000]
    assert [rung.short_side for rung in desk.media_devices.fitted] == [360]


async def test_a_slow_kind_of_network_gets_the_smallest_in_the_rung_s_codec():
    async with sitting(SPOKEN, policy=LADDER) as desk:
        desk.network.said = LinkHints(effective_type="2g")
        await desk.answer("q1", b"x" * 100)

    assert desk.media_devices.asked == [(100_000, "vp8")]


async def test_without_adaptation_nothing_is_asked_of_the_camera():
    async with sitting(
        SPOKEN, policy=LADDER | {"adapts": False}, store=FakeStore(part_bytes=1_000), holds_parts=True
    ) as desk:
        desk.network.said = LinkHints(saves_data=True, effective_type="2g")
        await fall_behind(desk, 20)

    assert asked(desk) == [400_000]
    assert (desk.media_devices.fitted, desk.media_devices.thinned) == ([], [])


async def test_sound_alone_has_no_rung():
    async with sitting(PREPARED, policy=LADDER) as desk:
        await desk.action(Record("q4"))
        await desk.action(Record("q4"))
        assert Track.AUDIO in desk.media_devices.recorders

    assert desk.media_devices.fitted == []


async def test_the_camera_is_set_before_the_preparation_and_not_again_at_its_end():
    question = SPOKEN.model_copy(update={"preparation_s": 30})
    async with sitting(question, policy=LADDER) as desk:
        await desk.action(Record("q1"))
        (rung,) = desk.media_devices.fitted
        assert desk.media_devices.asked == []
        desk.network.said = LinkHints(saves_data=True)
        await desk.action(Record("q1"))
        await desk.clock.advance(1)

    assert desk.media_devices.fitted == [rung, rung], "the camera may have been opened anew meanwhile"
    assert asked(desk) == [400_000]


async def test_a_preparation_that_ends_by_itself_sets_the_camera_that_is_open_then():
    async with sitting(SPOKEN.model_copy(update={"preparation_s": 30}), policy=LADDER) as desk:
        await desk.action(Record("q1"))
        await desk.clock.advance(31)

    assert len(desk.media_devices.fitted) == 2
    assert asked(desk) == [400_000]


async def test_both_tracks_of_an_answer_are_on_the_same_rung():
    async with sitting(BOTH_TRACKS, policy=LADDER) as desk:
        desk.network.said = LinkHints(effective_type="3g")
        await desk.action(Record("q3"))
        await desk.clock.advance(1)

    assert asked(desk) == [200_000, 200_000]


async def test_a_growing_backlog_takes_frames_and_a_drained_one_gives_them_back():
    async with sitting(SPOKEN, policy=POLICY, store=FakeStore(part_bytes=1_000), holds_parts=True) as desk:
        await fall_behind(desk, 14)
        thinned = list(desk.media_devices.thinned)
        assert thinned[:2] == [15, 8]
        assert desk.view.topics == {Topic.PICTURE_THINNED}

        desk.transport.holds_parts = False
        while desk.transport.in_flight:
            (await desk.transport.next_send()).acknowledge()
        await desk.speak(desk.media_devices.recorders[Track.VIDEO], 30)
        assert desk.media_devices.thinned[-1] > thinned[-1]

        await desk.speak(desk.media_devices.recorders[Track.VIDEO], 100)
        assert desk.media_devices.thinned[-1] == 30
        assert desk.view.topics == set()


async def test_nobody_is_told_of_fewer_frames_by_a_camera_that_gives_as_many_as_before():
    async with sitting(SPOKEN, policy=POLICY, store=FakeStore(part_bytes=1_000), holds_parts=True) as desk:
        desk.media_devices.follows = False
        await fall_behind(desk, 14)
        assert desk.media_devices.thinned
        assert desk.view.topics == set()
        desk.page_lifecycle.put_away()

    (upload,) = desk.signer.calls("send_off")[-1].uploads
    assert (upload.rate_changes, upload.thinned_s) == (0, 0)


async def test_the_next_recording_begins_with_every_frame():
    async with sitting(SPOKEN, WRITTEN, policy=POLICY, store=FakeStore(part_bytes=1_000), holds_parts=True) as desk:
        await fall_behind(desk, 14)
        await desk.action(Stop("q1"))
        await desk.clock.advance(1)

        assert desk.media_devices.thinned[-1] == 30
        assert desk.view.topics == set()


@pytest.mark.parametrize("mode", [UploadMode.PER_ANSWER, UploadMode.BULK])
async def test_modes_that_send_nothing_meanwhile_have_no_backlog_to_judge_by(mode):
    async with sitting(SPOKEN, mode=mode, policy=POLICY, store=FakeStore(part_bytes=1_000), holds_parts=True) as desk:
        await fall_behind(desk, 20)

    assert desk.media_devices.thinned == []


async def test_a_pause_is_no_slow_line():
    async with sitting(SPOKEN, policy=POLICY, store=FakeStore(part_bytes=1_000), holds_parts=True) as desk:
        await desk.action(PauseUploads())
        await fall_behind(desk, 20)
        assert desk.media_devices.thinned == []
        await desk.action(ResumeUploads())


@pytest.mark.parametrize("trouble", ["signer is busy", "store is busy", "store refuses"])
async def test_what_nobody_signs_or_takes_is_no_slow_line(trouble, monkeypatch):
    async def fail(*_args: object, **_named: object) -> None:
        match trouble:
            case "signer is busy":
                raise Retryable("503")
            case "store is busy":
                raise StoreBusy("503 SlowDown")
            case _:
                raise UrlRejected("403")

    async with sitting(SPOKEN, policy=POLICY, store=FakeStore(part_bytes=1_000)) as desk:
        if trouble == "signer is busy":
            monkeypatch.setattr(desk.signer, "sign", fail)
            monkeypatch.setattr(desk.signer, "create", fail)
        else:
            monkeypatch.setattr(desk.transport, "put", fail)
        await fall_behind(desk, 40)

    assert desk.media_devices.thinned == []


async def answer_too_slowly(desk: Sitting) -> None:
    """Record an answer that falls behind, and have it stored."""
    recorder = await desk.record("q1", b"x" * 27_000)
    await desk.speak(recorder, 14, b"x" * 27_000)
    await desk.action(Stop("q1"))
    await desk.clock.advance(1)
    desk.transport.holds_parts = False
    while desk.transport.in_flight:
        (await desk.transport.next_send()).acknowledge()
    await desk.clock.advance(2)


SLOW = LADDER | POLICY | {"ladder": LADDER["ladder"], "video_bits_per_second": 210_000}
AGAIN = SPOKEN.model_copy(update={"id": "again", "preparation_s": 30})


async def test_an_answer_of_sound_alone_says_nothing_about_the_picture():
    sound = SPOKEN.model_copy(update={"id": "sound", "tracks": (Track.AUDIO,)})
    async with sitting(SPOKEN, sound, AGAIN, policy=SLOW, store=FakeStore(part_bytes=1_000), holds_parts=True) as desk:
        await answer_too_slowly(desk)
        await desk.record("sound", b"x" * 700, track=Track.AUDIO)
        await desk.action(Stop("sound"))
        await desk.clock.advance(1)
        await desk.action(Record("again"))
        await desk.clock.advance(1)

    assert [rung.short_side for rung in desk.media_devices.fitted] == [720, 360]


async def test_who_presses_record_again_has_not_fallen_behind_again():
    async with sitting(
        SPOKEN, AGAIN, WRITTEN, policy=SLOW, store=FakeStore(part_bytes=1_000), holds_parts=True
    ) as desk:
        await answer_too_slowly(desk)
        for _ in range(3):
            await desk.action(GoTo("again"), Record("again"))
            await desk.clock.advance(1)
            await desk.action(GoTo("q2"))

    assert [rung.short_side for rung in desk.media_devices.fitted] == [720, 360, 360, 360]


async def test_report_says_on_which_rung_and_how_long_with_fewer_frames():
    async with sitting(
        SPOKEN,
        policy=LADDER | POLICY | {"ladder": LADDER["ladder"]},
        store=FakeStore(part_bytes=1_000),
        holds_parts=True,
    ) as desk:
        await fall_behind(desk, 14)
        changes = len(desk.media_devices.thinned)
        await desk.speak(desk.media_devices.recorders[Track.VIDEO], 4, b"x" * NEED)
        desk.page_lifecycle.put_away()
        later = len(desk.media_devices.thinned)

    report: Efficiency = desk.signer.calls("send_off")[-1]
    (upload,) = report.uploads
    assert (upload.rung, upload.rate_changes) == (0, later)
    assert changes >= 2
    assert 8 <= upload.thinned_s <= 15, "it is counted while it goes on: the page may be closed at any time"


async def test_an_answer_that_fell_behind_is_followed_by_a_smaller_picture_also_after_a_reload():
    policy = LADDER | POLICY | {"ladder": LADDER["ladder"], "video_bits_per_second": 210_000}
    store = FakeStore(part_bytes=1_000)
    async with sitting(SPOKEN, BOTH_TRACKS, SPOKEN_AND_WRITTEN, policy=policy, store=store, holds_parts=True) as desk:
        recorder = await desk.record("q1", b"x" * 27_000)
        await desk.speak(recorder, 14, b"x" * 27_000)
        await desk.action(Stop("q1"))
        await desk.clock.advance(1)
        await desk.action(Record("q3"))
        await desk.speak(desk.media_devices.recorders[Track.VIDEO], 1)
        assert asked(desk) == [210_000, 200_000, 200_000]
        await desk.action(Stop("q3"))
        await desk.clock.advance(40)  # the report is kept

    async with sitting(
        SPOKEN, BOTH_TRACKS, SPOKEN_AND_WRITTEN, policy=policy, journal=desk.journal, store=store
    ) as again:
        await again.action(Record("q5"))
        await again.clock.advance(1)
        assert asked(again) == [200_000]


async def test_a_report_that_advises_patience_makes_the_next_retries_wait_longer():
    async with sitting(SPOKEN) as desk:
        scheduler = Scheduler(UploadPolicy())
        advised = Efficiency(mode="progressive", step="begun", questions=1, answered=0, open_s=1.0)
        reports = [advised.model_copy(update={"advice": (Advice.PATIENT_RETRIES,)}), advised]
        machine = SessionMachine(opened((SPOKEN,)), lambda *_: None)
        quality = QualityControl(machine, UploadPolicy(), desk.ports, scheduler, reports.pop)
        await quality.prepare(SPOKEN)
        assert scheduler.policy.retry_base_s == 0.5
        await quality.prepare(SPOKEN)
        assert scheduler.policy.retry_base_s == 2.0
