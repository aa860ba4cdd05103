"""What a session measures of itself over several visits of its page."""

from app.contract import UploadPolicy
from app.contract.efficiency import MAX_REPORT_BYTES, MAX_REPORTED_UPLOADS, Efficiency
from app.core.metrics.session_meter import SessionMeter
from app.core.upload.events import BytesSent, Restored, TakeMoved
from app.core.upload.recording_id import RecordingId
from tests.support.fake_store import video
from tests.support.metered import Metered


def test_facts_of_an_earlier_visit_are_neither_timed_nor_counted_as_failures(desk):
    desk = Metered(is_new=False)
    desk.record(video(), 20)
    desk.stop(video())
    desk.acknowledge(video(), 1)
    desk.note(Restored())

    report = desk.report()
    assert (report.recorded, report.first_byte_s, report.uploads[0].stored_at_stop) == (20, None, None)


def test_reload_goes_on_with_the_figures_of_the_visit_before(desk):
    desk.press_record()
    desk.record(video(), 40)
    desk.note(BytesSent(video(), 20))
    desk.acknowledge(video(), 1, 2)
    desk.show()
    desk.press_stop()
    desk.stop(video())
    desk.wait(5)
    before = Efficiency.model_validate_json(desk.report().model_dump_json())

    after = Metered(is_new=False)
    after.meter.go_on(before)
    after.record(video(), 40)
    after.stop(video())
    after.note(Restored())
    after.note(BytesSent(video(), 25))
    after.wait(2)

    report = after.report()
    [upload] = report.uploads
    assert (report.visits, report.recorded, report.sent, report.sent_twice) == (2, 40, 45, 5)
    assert (upload.stored_at_stop, report.total_s, report.open_s) == (0.5, 7, 7)


def test_take_that_has_moved_is_still_the_same_recording_after_a_reload(desk):
    desk.record(video(), 40)
    after = Metered(is_new=False)
    after.meter.go_on(desk.report())
    after.record(video(), 40)
    after.note(Restored())
    after.meter.note(TakeMoved(video(), 3), after.now)

    assert [(upload.take, upload.size) for upload in after.report().uploads] == [(3, 40)]


def test_what_an_earlier_visit_has_left_is_waited_for_from_the_return_on():
    desk = Metered(is_new=False)
    desk.record(video(), 10)
    desk.stop(video())
    desk.note(Restored())
    desk.wait(4)
    desk.acknowledge(video(), 1)
    desk.complete(video())
    desk.wait(600)

    report = desk.report()
    assert (report.wait_s, report.uploads[0].stored_at_stop) == (4, None)


def test_reports_of_three_visits_do_not_count_the_first_one_twice(desk):
    desk.record(video(), 40)
    desk.note(BytesSent(video(), 40))
    report = desk.report()
    for _ in range(2):
        visit = Metered(is_new=False)
        visit.meter.go_on(report)
        report = visit.report()

    assert (report.visits, report.recorded, report.sent, len(report.uploads)) == (3, 40, 40, 1)


def test_report_of_very_many_uploads_fits_a_closing_page_and_keeps_their_sums():
    desk = Metered()
    for number in range(MAX_REPORTED_UPLOADS + 15):
        ref = RecordingId("q" * 64, video().track, str(number + 1))
        desk.record(ref, 10)
    report = desk.report()

    again = SessionMeter(UploadPolicy(), 0.0)
    again.go_on(report)
    assert (len(report.uploads), report.omitted, report.recorded) == (MAX_REPORTED_UPLOADS, 15, 750)
    assert len(report.model_dump_json()) < MAX_REPORT_BYTES
    assert (again.report(1.0).recorded, again.report(1.0).omitted) == (750, 15)
