"""What a candidate must be told. The page finds the words; here is only what happened."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import AlreadySubmitted, SignerInvalid, TicketRefused, UploadError


class Topic(StrEnum):
    # Nothing can go on: these take the whole page.
    TICKET_MISSING = "ticket-missing"
    LINK_INVALID = "link-invalid"
    HOST_REFUSED = "host-refused"  # the site that embeds the page is none that the operator has named
    HOST_SILENT = "host-silent"  # the page that embeds this one has not said whose interview it is; it still may
    TICKET_REFUSED = "ticket-refused"
    ALREADY_SUBMITTED = "already-submitted"
    SIGNER_UNREACHABLE = "signer-unreachable"  # can be tried again
    INTERVIEW_INVALID = "interview-invalid"  # the signer's answer is not one we understand
    OTHER_TAB = "other-tab"  # the interview is open elsewhere in this browser; it can be taken over
    TAKEN_OVER = "taken-over"  # it goes on in another tab
    OTHER_DEVICE = "other-device"  # another device has the interview; it can be taken over
    ON_OTHER_DEVICE = "on-other-device"  # another device has taken it over
    PAGE_FAILED = "page-failed"  # a fault of ours; what is recorded is kept
    # Camera and microphone.
    PERMISSION_DENIED = "permission-denied"
    SYSTEM_DENIED = "system-denied"  # the computer's own privacy settings keep the browser from them
    NO_DEVICE = "no-device"
    DEVICE_BUSY = "device-busy"
    DEVICE_UNSUITABLE = "device-unsuitable"  # no device fulfils what we ask for
    DEVICE_FAILED = "device-failed"  # another getUserMedia error
    DEVICE_WAITING = (
        "device-waiting"  # the browser has not answered for a while: its question is open, or a device hangs
    )
    INSECURE_PAGE = "insecure-page"
    CANNOT_RECORD = "cannot-record"  # no MediaRecorder, or it takes none of our formats
    NOTHING_COMES = "nothing-comes"  # of each format that was tried; nothing is kept
    DEVICE_LOST = "device-lost"  # while recording; `elapsed_s` is saved, None: nothing
    RECORDING_BROKE = "recording-broke"  # the browser recorded no more, with devices that live; `elapsed_s` is saved
    BEGUN_ANEW = "begun-anew"  # while recording: a format gave nothing, and another one is recorded in since
    DEVICE_MUTED = "device-muted"  # while recording: it gives nothing for now, and may come back by itself
    PICTURE_TURNED = "picture-turned"  # while recording: the rest of the picture may not be shown
    NOTHING_RECORDED = "nothing-recorded"
    TOO_SHORT = "too-short"  # stopped within its first second: it does not count
    SILENT = "silent"  # while recording: nothing has been heard since it began
    BLACK = "black"  # while recording: the picture has been black since it began
    SILENT_TAKE = "silent-take"  # this recording, from beginning to end
    BLACK_TAKE = "black-take"
    # A file chosen instead of a recording; `limit` says how large or long it may be.
    FILE_WRONG_TYPE = "file-wrong-type"
    FILE_TOO_LARGE = "file-too-large"
    FILE_TOO_LONG = "file-too-long"
    FILE_UNREADABLE = "file-unreadable"
    # Uploading.
    RECOVERING = "recovering"  # recordings of an earlier visit go on uploading, or `is_over`
    # A recording ended with the page at `elapsed_s`; it may be kept or made again. Said at its question, and at the
    # device check by naming it in `questions`.
    CUT_OFF = "cut-off"
    NO_BACKUP = "no-backup"  # the window has no storage: recordings live in memory alone
    JOURNAL_LOW = "journal-low"  # the next answer may not fit on the device; it is recorded all the same
    JOURNAL_FULL = "journal-full"
    OFFLINE = "offline"
    STORE_AWAY = "store-away"  # the signer answers, the store does not
    CAPTIVE_PORTAL = "intercepted"  # a sign-in page answers in place of the store
    SIGNER_INVALID = (
        "misled"  # the signer names a wrong place, or talks nonsense; nothing is sent, and it is asked again
    )
    SLOW = "slow"
    UPLOAD_FAILED = "upload-failed"  # a Fatal error; `detail` says which
    STORE_REFUSES = "store-refuses"  # only the operator can mend it; `detail` says what. Tried again all the same
    TICKET_EXPIRED = "ticket-expired"  # refused in the middle of a session
    # Submitting.
    SUBMIT_MISSING = "submit-missing"  # `questions` are required and unanswered
    SUBMIT_FAILED = "submit-failed"  # may be pressed again


# Why camera and microphone cannot be had, or have gone.
UNAVAILABLE_TOPICS = (
    Topic.PERMISSION_DENIED,
    Topic.SYSTEM_DENIED,
    Topic.NO_DEVICE,
    Topic.DEVICE_BUSY,
    Topic.DEVICE_UNSUITABLE,
    Topic.DEVICE_FAILED,
    Topic.DEVICE_WAITING,
    Topic.INSECURE_PAGE,
    Topic.CANNOT_RECORD,
    Topic.NOTHING_COMES,
    Topic.DEVICE_LOST,
)
# All that is said of camera, microphone and the recording: before the first question it stands in the device check.
DEVICE_TOPICS = frozenset(
    {
        *UNAVAILABLE_TOPICS,
        Topic.RECORDING_BROKE,
        Topic.BEGUN_ANEW,
        Topic.DEVICE_MUTED,
        Topic.SILENT,
        Topic.BLACK,
        Topic.SILENT_TAKE,
        Topic.BLACK_TAKE,
        Topic.PICTURE_TURNED,
        Topic.NOTHING_RECORDED,
        Topic.TOO_SHORT,
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    topic: Topic
    question: str | None = None  # None: it concerns the whole page
    elapsed_s: float | None = None
    limit: float | None = None  # bytes or seconds, as the topic says
    questions: tuple[str, ...] = ()
    detail: str = ""  # a sentence of an UploadError
    is_over: bool = False  # what it told of has come to a good end


def topic_of_refusal(error: UploadError) -> Topic:
    """Return what to say where the signer gives no interview."""
    match error:
        case TicketRefused():
            return Topic.TICKET_REFUSED
        case AlreadySubmitted():
            return Topic.ALREADY_SUBMITTED
        case SignerInvalid():
            return Topic.INTERVIEW_INVALID
        case _:
            return Topic.SIGNER_UNREACHABLE
