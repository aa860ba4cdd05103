"""What a session measures of itself, told fact by fact."""

import pytest

from app.contract import PartRules, UploadMode
from app.contract.efficiency import Step, UploadStage
from app.contract.reasons import Reason
from app.core.errors import Aborted, NetworkFailed, Stalled, StoreBusy, UrlRejected
from app.core.metrics.instruments import Instruments
from app.core.upload.events import BytesSent, RecordingStopped, UploadFolded
from app.core.upload.recording_id import RecordingId
from tests.support.fake_store import video
from tests.support.metered import Metered, asked


def test_session_in_which_nothing_was_recorded_has_no_score(desk):
    report = desk.report()

    assert (report.step, report.score, report.overlap, report.wait_s) == (Step.OPENED, None, None, None)
    assert (report.recorded, report.advice, report.uploads) == (0, (), ())


def test_what_is_stored_before_stop_and_the_wait_behind_it_are_measured(desk):
    desk.record(video(), 40)
    desk.acknowledge(video(), 1, 2, 3)
    desk.wait(2)
    desk.press_stop()
    desk.stop(video())
    desk.wait(3)
    desk.acknowledge(video(), 4)
    desk.complete(video())

    [upload] = desk.report().uploads
    assert (upload.stored_at_stop, upload.wait_s, upload.stage) == (0.75, 3, UploadStage.COMPLETED)
    assert (desk.report().overlap, desk.report().wait_s) == (0.75, 3)


def test_press_of_stop_counts_and_not_the_recorders_last_chunk(desk):
    desk.record(video(), 40)
    desk.press_stop()
    desk.wait(1)
    desk.stop(video())
    desk.acknowledge(video(), 1, 2, 3, 4)
    desk.complete(video())

    assert desk.report().wait_s == 1


def test_chunk_that_comes_after_stop_was_not_stored_before_it(desk):
    desk.record(video(), 40)
    desk.acknowledge(video(), 1, 2, 3, 4)
    desk.press_stop()
    desk.grow(video(), 40)
    desk.stop(video())

    assert desk.report().overlap == 0.5


def test_chosen_file_is_waited_for_from_its_last_byte(desk):
    desk.record(video(), 10)
    desk.note(RecordingStopped(video(), "0" * 64, 30.0, prepared=True))
    desk.wait(3)
    desk.acknowledge(video(), 1)
    desk.complete(video())

    report = desk.report()
    assert (report.wait_s, report.total_s, report.uploads[0].size_by_default) == (3, 3, None)


def test_time_asleep_is_neither_sending_nor_waiting(desk):
    desk.record(video(), 10)
    desk.send()
    desk.wait(1)
    desk.wait(8 * 3600)
    desk.wait(1)

    [upload] = desk.report().uploads
    assert (upload.sending_s, upload.queued_s) == (2, 0)


def test_overlap_weighs_recordings_by_their_size(desk):
    for key, size, parts in (("1", 30, (1, 2, 3)), ("2", 10, ())):
        ref = RecordingId("q1", video().track, key)
        desk.record(ref, size)
        desk.acknowledge(ref, *parts)
        desk.show()
        desk.stop(ref)

    assert desk.report().overlap == 0.75


def test_time_without_a_part_in_flight_is_queued_and_the_rest_is_sending(desk):
    desk.record(video(), 10)
    desk.show()
    desk.wait(4)
    desk.send()
    desk.wait(3)
    desk.wait(3)
    desk.note(BytesSent(video(), 12))
    desk.acknowledge(video(), 1)
    desk.wait(4)

    [upload] = desk.report().uploads
    assert (upload.queued_s, upload.sending_s, upload.bytes_per_second) == (4, 6, 2)
    assert desk.report().bytes_per_second == 2


def test_what_was_sent_beyond_the_recording_was_sent_twice(desk):
    desk.record(video(), 10)
    for size in (10, 7):
        desk.note(BytesSent(video(), size))

    assert (desk.report().sent, desk.report().sent_twice) == (17, 7)


def test_failed_tries_are_counted_by_cause_and_their_command_once(desk):
    desk.record(video(), 20)
    first, second = desk.sends()
    for error in (NetworkFailed("reset"), NetworkFailed("reset"), Stalled("quiet"), StoreBusy("busy")):
        desk.fail(first, error)
    desk.fail(second, UrlRejected("no"))
    desk.acknowledge(video(), 1)

    report = desk.report()
    assert report.retries == {Reason.NETWORK: 2, Reason.STALLED: 1, Reason.BUSY: 1, Reason.REFUSED: 1}
    assert (report.retried, report.recovered, report.stalls) == (2, 1, 1)


def test_success_of_a_command_that_never_failed_recovers_nothing(desk):
    desk.record(video(), 20)
    desk.acknowledge(video(), 1, 2)
    desk.note(UploadFolded(video(), 20))

    assert (desk.report().retried, desk.report().recovered) == (0, 0)


def test_what_the_page_itself_gave_up_is_no_failure(desk):
    desk.record(video(), 10)
    [part] = desk.sends()
    desk.fail(part, Aborted("a retake"))

    assert (desk.report().retries, desk.report().retried) == ({}, 0)


def test_documents_and_uploads_are_summed(desk):
    desk.fail_document(NetworkFailed("reset"))
    desk.record(video(), 10)
    [part] = desk.sends()
    desk.fail(part, NetworkFailed("reset"))

    assert desk.report().retries == {Reason.NETWORK: 2}


def test_first_byte_is_counted_from_the_first_record(desk):
    desk.press_record()
    desk.record(video(), 20)
    desk.wait(3)
    desk.acknowledge(video(), 1)
    desk.wait(3)
    desk.acknowledge(video(), 2)

    assert desk.report().first_byte_s == 3


def test_peak_backlog_is_the_largest_one_ever_shown(desk):
    desk.record(video(), 30)
    desk.show()
    desk.acknowledge(video(), 1, 2, 3)
    desk.show()

    assert desk.report().peak_backlog == 30


def test_page_is_open_from_its_first_moment_on_and_not_only_since_python_is_up(desk):
    desk.meter.read(Instruments(ready_s=6.0), has_devices=False)
    desk.wait(4)

    assert (desk.report().ready_s, desk.report().open_s) == (6, 10)


def test_memory_is_the_highest_reading(desk):
    for memory in (100, 300, 200):
        desk.meter.read(Instruments(memory=memory), has_devices=True)

    assert (desk.report().peak_memory, desk.report().step) == (300, Step.CHECKED)


def test_discarded_take_is_named_so_and_still_counts_as_sent(desk):
    desk.record(video(), 10)
    desk.note(BytesSent(video(), 10))
    desk.stop(video())
    desk.scheduler.discard("q1", video().key)
    desk.show()

    [upload] = desk.report().uploads
    assert (upload.stage, desk.report().sent) == (UploadStage.DISCARDED, 10)


@pytest.mark.parametrize(
    ("rules", "layout"),
    [
        (PartRules.equal(10), "multipart"),
        (PartRules(min_bytes=10, max_bytes=10, window_bytes=100), "folded"),
        (PartRules(min_bytes=10, max_bytes=10, is_streamed=True), "stream"),
        (PartRules(min_bytes=10, max_bytes=10, step_bytes=10), "resumable"),
    ],
)
def test_layout_is_the_one_that_the_store_got(desk, rules, layout):
    desk.record(video(), 10, rules=rules)

    assert desk.report().layout == layout


def test_mode_is_the_policys():
    assert Metered(mode=UploadMode.BULK).report().mode is UploadMode.BULK


def test_steps_go_forward_only(desk):
    steps = [desk.report().step]
    for event in asked(desk):
        desk.tell(event)
        steps.append(desk.report().step)

    assert steps == [Step.OPENED, Step.BEGUN, Step.BEGUN, Step.BEGUN, Step.ANSWERED, Step.ANSWERED, Step.PRESSED]
    assert desk.report(is_submitted=True).step is Step.SUBMITTED
