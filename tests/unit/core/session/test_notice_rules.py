"""Which notices stand after what has happened."""

import pytest

from app.core.notices import UNAVAILABLE_TOPICS, Notice, Topic
from app.core.recording.file_rules import FileFault
from app.core.session import notice_events as told
from app.core.session.events import SubmissionStepped, TakeRestored, TakeSetAside, TakeStarted
from app.core.session.notice_rules import EMPTY_TAKES, OBSERVED, notices_after, notices_after_step
from app.core.session.submission import SubmissionStep

Q1, Q2 = "q1", "q2"


def after(*events, at=None):
    """Return what stands after `events` (of page or session), from `at` on."""
    notices = at or {}
    for event in events:
        if isinstance(event, SubmissionStepped | TakeRestored | TakeSetAside | TakeStarted):
            notices = notices_after_step(notices, event, missing=(Q1, Q2))
        else:
            notices = notices_after(notices, event)
    return notices


def standing(*topics, question=None):
    return {(topic, question): Notice(topic, question) for topic in topics}


@pytest.mark.parametrize(
    ("shows", "hides", "topic"),
    [
        (told.DevicesAwaited(), told.DevicesAnswered(), Topic.DEVICE_WAITING),
        (told.DevicesRefused(Topic.DEVICE_BUSY), told.DevicesOpened(), Topic.DEVICE_BUSY),
        (told.DevicesUnplugged(), told.DevicesOpened(), Topic.DEVICE_LOST),
        (told.SampleFailed(Topic.NOTHING_RECORDED), told.SampleStarted(), Topic.NOTHING_RECORDED),
        (told.HostAwaited(), told.HostAnswered(), Topic.HOST_SILENT),
        (told.QuotaChecked(is_enough=False), told.QuotaChecked(is_enough=True), Topic.JOURNAL_LOW),
        (told.TicketEnded(), told.TicketRenewed(), Topic.TICKET_EXPIRED),
        (told.UploadProblemFound(Notice(Topic.SLOW)), told.UploadProblemOver(Topic.SLOW), Topic.SLOW),
    ],
)
def test_notice_of_the_page_stands_until_what_it_tells_of_is_over(shows, hides, topic):
    assert after(shows) == standing(topic)
    others = standing(Topic.NO_BACKUP)
    assert after(shows, hides, at=others) is not others
    assert after(shows, hides, at=others) == others


def test_event_that_changes_nothing_returns_the_same_notices():
    notices = after(told.StorageMissing())
    for event in (told.DevicesAnswered(), told.DevicesOpened(), told.TicketRenewed(), told.FileTried(Q1)):
        assert notices_after(notices, event) is notices
    assert notices_after_step(notices, TakeStarted(Q1, "key"), ()) is notices


def test_notice_that_is_shown_again_moves_to_the_end_and_is_a_new_one():
    first = after(told.QuotaChecked(is_enough=False), told.StorageMissing())
    again = after(told.QuotaChecked(is_enough=False), at=first)
    assert list(again) == [(Topic.NO_BACKUP, None), (Topic.JOURNAL_LOW, None)]
    assert again[Topic.JOURNAL_LOW, None] is not first[Topic.JOURNAL_LOW, None]


@pytest.mark.parametrize("before", UNAVAILABLE_TOPICS)
def test_only_the_last_reason_why_devices_are_not_open_stands(before):
    notices = after(told.DevicesRefused(Topic.DEVICE_FAILED), at=standing(before, Topic.NO_BACKUP))
    assert notices == standing(Topic.NO_BACKUP, Topic.DEVICE_FAILED)


def test_open_devices_end_what_takes_said_of_them_but_not_what_they_are_without():
    of_takes = (Topic.DEVICE_LOST, Topic.NOTHING_COMES, Topic.SILENT_TAKE)
    notices = after(told.DevicesOpened(), at=standing(*of_takes, question=Q1) | standing(*UNAVAILABLE_TOPICS))
    assert notices == standing(Topic.SILENT_TAKE, question=Q1)


def test_passing_troubles_of_a_recording_go_and_the_others_stay_while_it_runs():
    everything = after(told.RecordingObserved(Q1, OBSERVED))
    assert everything.keys() == standing(*OBSERVED, question=Q1).keys()
    later = after(told.RecordingObserved(Q1, frozenset({Topic.BLACK})), at=everything)
    assert later.keys() == standing(Topic.BLACK, Topic.BEGUN_ANEW, Topic.PICTURE_TURNED, question=Q1).keys()
    assert after(told.RecordingObserved(Q1, frozenset({Topic.BLACK})), at=later) is later, "told once, not each time"


def test_end_of_a_recording_leaves_only_what_is_true_of_the_take():
    notices = after(told.RecordingObserved(Q1, OBSERVED), told.RecordingEnded(Q1))
    assert notices == standing(Topic.PICTURE_TURNED, question=Q1)


def test_verdict_on_a_take_replaces_the_last_one():
    notices = after(told.TakeJudged(Q1, EMPTY_TAKES), told.TakeJudged(Q1, frozenset({Topic.BLACK_TAKE})))
    assert notices == standing(Topic.BLACK_TAKE, question=Q1)


OF_TRIES = [
    told.TakeTooShort(Q1),
    told.RecorderRefused(Q1, Topic.CANNOT_RECORD),
    told.TakeBroken(Q1, Topic.NOTHING_RECORDED, None),
    told.FileRefused(Q1, FileFault.TOO_LONG, 60.0),
]
OF_A_TAKE = [
    told.TakeBroken(Q1, Topic.DEVICE_LOST, 12.0),
    told.TakeJudged(Q1, EMPTY_TAKES),
    told.RecordingObserved(Q1, frozenset({Topic.PICTURE_TURNED})),
    told.FileSentAsItIs(Q1),
]


@pytest.mark.parametrize("event", [TakeStarted(Q1, "key"), TakeRestored(Q1), told.FileTried(Q1)])
@pytest.mark.parametrize("earlier", [*OF_TRIES, *OF_A_TAKE])
def test_another_try_ends_what_was_said_of_the_last_one_at_this_question(earlier, event):
    others = standing(Topic.TOO_SHORT, Topic.SILENT_TAKE, question=Q2) | standing(Topic.OFFLINE)
    assert after(earlier, at=others) != others
    assert after(earlier, event, at=others) == others


@pytest.mark.parametrize("earlier", OF_A_TAKE)
def test_discarded_take_takes_what_was_said_of_it_along(earlier):
    assert after(earlier, TakeSetAside(Q1)) == {}


@pytest.mark.parametrize("earlier", OF_TRIES)
def test_discarded_take_leaves_what_was_said_of_tries(earlier):
    assert after(earlier, TakeSetAside(Q1)) == after(earlier)


def test_cut_off_recording_is_told_at_its_question_and_at_the_device_check():
    assert after(told.RecordingCutOff(Q1, 3.0)) == {
        (Topic.CUT_OFF, Q1): Notice(Topic.CUT_OFF, Q1, elapsed_s=3.0),
        (Topic.CUT_OFF, None): Notice(Topic.CUT_OFF, elapsed_s=3.0, questions=(Q1,)),
    }


@pytest.mark.parametrize("fault", FileFault)
def test_every_fault_of_a_file_has_its_notice(fault):
    ((topic, question), notice) = next(iter(after(told.FileRefused(Q1, fault, 5.0)).items()))
    assert topic.value.startswith("file-")
    assert (question, notice.limit) == (Q1, 5.0)


def test_submit_says_what_is_missing_then_why_it_failed_and_nothing_once_it_is_on_its_way():
    missing = after(SubmissionStepped(SubmissionStep.MISS))
    assert missing[Topic.SUBMIT_MISSING, None].questions == (Q1, Q2)
    failed = after(SubmissionStepped(SubmissionStep.FAIL, detail="Why."), at=missing)
    assert failed[Topic.SUBMIT_FAILED, None].detail == "Why."
    assert after(SubmissionStepped(SubmissionStep.CHECK), at=failed) == {}
