"""Decide which notices stand: the one place where an event shows or hides one."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import assert_never

from app.core.notices import DEVICE_TOPICS, UNAVAILABLE_TOPICS, Notice, Topic
from app.core.recording.file_rules import FileFault
from app.core.session.answers import AnswerView
from app.core.session.events import (
    SessionEvent,
    SubmissionStepped,
    TakeRestored,
    TakeSetAside,
    TakeStarted,
)
from app.core.session.notice_events import (
    DeviceEvent,
    DevicesAnswered,
    DevicesAwaited,
    DevicesOpened,
    DevicesRefused,
    DevicesUnplugged,
    FileDone,
    FileEvent,
    FileInTheWay,
    FileRefused,
    FileSentAsItIs,
    FileTried,
    HostAnswered,
    HostAwaited,
    NoticeEvent,
    QuotaChecked,
    RecorderRefused,
    RecordingCutOff,
    RecordingEnded,
    RecordingObserved,
    SampleFailed,
    SampleStarted,
    StorageMissing,
    TakeBroken,
    TakeEvent,
    TakeJudged,
    TakeTooShort,
    TicketEnded,
    TicketRenewed,
    UploadProblemFound,
    UploadProblemOver,
)
from app.core.session.submission import SubmissionStep

NoticeKey = tuple[Topic, str | None]  # topic and question; None: the notice concerns the whole page
Notices = Mapping[NoticeKey, Notice]  # in the order in which they were last shown

# Hidden as soon as they do not hold.
_PASSING = frozenset({Topic.DEVICE_MUTED, Topic.SILENT, Topic.BLACK, Topic.PICTURE_THINNED})
OBSERVED = _PASSING | {Topic.BEGUN_ANEW, Topic.PICTURE_TURNED}  # of a running recording
EMPTY_TAKES = frozenset({Topic.SILENT_TAKE, Topic.BLACK_TAKE})
_OF_A_TAKE = EMPTY_TAKES | {  # about what is recorded
    Topic.CUT_OFF,
    Topic.PICTURE_TURNED,
    Topic.DEVICE_LOST,
    Topic.RECORDING_BROKE,
    Topic.NOTHING_COMES,
    Topic.FILE_SENT_AS_IT_IS,
}
_OF_A_FILE = {
    FileFault.EMPTY: Topic.FILE_UNREADABLE,
    FileFault.UNREADABLE: Topic.FILE_UNREADABLE,
    FileFault.WRONG_TYPE: Topic.FILE_WRONG_TYPE,
    FileFault.TOO_LARGE: Topic.FILE_TOO_LARGE,
    FileFault.TOO_LONG: Topic.FILE_TOO_LONG,
    FileFault.STAYS_TOO_LARGE: Topic.FILE_STAYS_TOO_LARGE,
}
_OF_EARLIER_TRIES = _OF_A_TAKE | {
    Topic.NOTHING_RECORDED,
    Topic.TOO_SHORT,
    Topic.CANNOT_RECORD,
    *_OF_A_FILE.values(),
}


def notices_after(notices: Notices, event: NoticeEvent) -> Notices:  # noqa: C901, PLR0911, PLR0912  one flat line each
    """Return the notices that stand after `event`; `notices` itself if it changes nothing."""
    match event:
        case DevicesAwaited() | DevicesAnswered() | DevicesOpened() | DevicesRefused() | DevicesUnplugged():
            return _after_devices(notices, event)
        case FileTried() | FileRefused() | FileSentAsItIs() | FileInTheWay() | FileDone():
            return _after_file(notices, event)
        case SampleStarted():
            return _without(notices, {Topic.NOTHING_RECORDED})
        case SampleFailed(topic=topic):
            return _with(notices, Notice(topic))
        case HostAwaited():
            return _with(notices, Notice(Topic.HOST_SILENT))
        case HostAnswered():
            return _without(notices, {Topic.HOST_SILENT})
        case StorageMissing():
            return _with(notices, Notice(Topic.NO_BACKUP))
        case QuotaChecked(is_enough=is_enough):
            return _only_if(not is_enough, notices, Notice(Topic.JOURNAL_LOW))
        case TicketEnded():
            return _with(notices, Notice(Topic.TICKET_EXPIRED))
        case TicketRenewed():
            return _without(notices, {Topic.TICKET_EXPIRED})
        case UploadProblemFound(notice=notice):
            return _with(notices, notice)
        case UploadProblemOver(topic=topic):
            return _without(notices, {topic})
        case _:
            return _after_take(notices, event)


def notices_after_step(notices: Notices, event: SessionEvent, missing: tuple[str, ...]) -> Notices:
    """Return the notices that stand after a session event; `missing` are the required questions without an answer."""
    match event:
        case TakeStarted(question=question) | TakeRestored(question=question):
            return _without(notices, _OF_EARLIER_TRIES, question)
        case TakeSetAside(question=question):
            return _without(notices, _OF_A_TAKE, question)
        case SubmissionStepped(step=SubmissionStep.MISS):
            return _with(notices, Notice(Topic.SUBMIT_MISSING, questions=missing))
        case SubmissionStepped(step=SubmissionStep.CHECK):
            return _without(notices, {Topic.SUBMIT_MISSING, Topic.SUBMIT_FAILED})
        case SubmissionStepped(step=SubmissionStep.FAIL, detail=detail):
            return _with(notices, Notice(Topic.SUBMIT_FAILED, detail=detail))
        case _:
            return notices


def still_missing(notices: Notices, answers: Mapping[str, AnswerView]) -> Notices:
    """Take answers off the list of missing ones as they are given; with the last, the list itself."""
    notice = notices.get(key := (Topic.SUBMIT_MISSING, None))
    if notice is None:
        return notices
    left = tuple(one for one in notice.questions if one not in answers or not answers[one].is_answered)
    if left == notice.questions:
        return notices
    if left:
        return {**notices, key: replace(notice, questions=left)}
    return _without(notices, {Topic.SUBMIT_MISSING})


def beyond_device_check(notices: Notices) -> Notices:
    """Return the notices that stay when the candidate leaves the device check."""
    return _filtered(notices, lambda key: key[1] is not None or key[0] not in DEVICE_TOPICS | {Topic.CUT_OFF})


def _after_devices(notices: Notices, event: DeviceEvent) -> Notices:
    match event:
        case DevicesAwaited():
            return _with(notices, Notice(Topic.DEVICE_WAITING))
        case DevicesAnswered():
            return _without(notices, {Topic.DEVICE_WAITING})
        case DevicesRefused(topic=topic):
            return _with(_without(notices, {*UNAVAILABLE_TOPICS} - {topic}), Notice(topic))
        case DevicesUnplugged():
            return _with(notices, Notice(Topic.DEVICE_LOST))
        case DevicesOpened():
            of_takes = {Topic.DEVICE_LOST, Topic.NOTHING_COMES}  # these say at their question, too, what is over now
            return _filtered(notices, lambda key: key[0] not in (UNAVAILABLE_TOPICS if key[1] is None else of_takes))
        case _:
            assert_never(event)


def _after_take(notices: Notices, event: TakeEvent) -> Notices:  # noqa: PLR0911  as above
    question = event.question
    match event:
        case RecorderRefused(topic=topic):
            return _with(notices, Notice(topic, question))
        case RecordingObserved(troubles=troubles):
            return _holding(_without(notices, _PASSING - troubles, question), troubles, question)
        case RecordingEnded():
            return _without(notices, OBSERVED - {Topic.PICTURE_TURNED}, question)
        case TakeTooShort():
            return _with(notices, Notice(Topic.TOO_SHORT, question))
        case TakeBroken(topic=topic, kept_s=kept_s):
            return _with(notices, Notice(topic, question, elapsed_s=kept_s))
        case TakeJudged(troubles=troubles):
            return _holding(_without(notices, EMPTY_TAKES - troubles, question), troubles, question)
        case RecordingCutOff(elapsed_s=elapsed_s):
            at_question = _with(notices, Notice(Topic.CUT_OFF, question, elapsed_s=elapsed_s))
            return _with(at_question, Notice(Topic.CUT_OFF, elapsed_s=elapsed_s, questions=(question,)))
        case _:
            assert_never(event)


def _after_file(notices: Notices, event: FileEvent) -> Notices:
    match event:
        case FileTried(question=question):
            return _without(notices, _OF_EARLIER_TRIES, question)
        case FileRefused(question=question, fault=fault, limit=limit):
            return _with(notices, Notice(_OF_A_FILE[fault], question, limit=limit))
        case FileSentAsItIs(question=question):
            return _with(notices, Notice(Topic.FILE_SENT_AS_IT_IS, question))
        case FileInTheWay(question=question):
            return _with(notices, Notice(Topic.FILE_IN_THE_WAY, question))
        case FileDone():
            return _filtered(notices, lambda key: key[0] is not Topic.FILE_IN_THE_WAY)
        case _:
            assert_never(event)


def _with(notices: Notices, notice: Notice) -> Notices:
    """Show a notice in place of the last one of the same topic and question, and tell it again if it says the same."""
    key = (notice.topic, notice.question)
    return {**_filtered(notices, lambda other: other != key), key: replace(notice)}


def _holding(notices: Notices, troubles: Collection[Topic], question: str) -> Notices:
    """Show notices that do not stand yet."""
    for topic in sorted(troubles):
        if (topic, question) not in notices:
            notices = _with(notices, Notice(topic, question))
    return notices


def _only_if(holds: bool, notices: Notices, notice: Notice) -> Notices:
    return _with(notices, notice) if holds else _without(notices, {notice.topic})


def _without(notices: Notices, topics: Collection[Topic], question: str | None = None) -> Notices:
    return _filtered(notices, lambda key: key[1] != question or key[0] not in topics)


def _filtered(notices: Notices, stays: Callable[[NoticeKey], bool]) -> Notices:
    left = {key: notice for key, notice in notices.items() if stays(key)}
    return notices if len(left) == len(notices) else left
