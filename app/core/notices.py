"""What the candidate must be told. A notice says what happened; the page has the words."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import AlreadySubmitted, SignerInvalid, TicketRefused, UploadError


class Topic(StrEnum):
    # The session cannot continue: these take the whole page, except HOST_SILENT.
    TICKET_MISSING = "ticket-missing"
    LINK_INVALID = "link-invalid"
    HOST_REFUSED = "host-refused"  # the operator has not allowed the site that embeds the page
    HOST_SILENT = "host-silent"  # the host page has not sent the ticket yet, but still may
    TICKET_REFUSED = "ticket-refused"
    ALREADY_SUBMITTED = "already-submitted"
    SIGNER_UNREACHABLE = "signer-unreachable"  # the candidate can try again
    INTERVIEW_INVALID = "interview-invalid"  # the signer's response is invalid
    OTHER_TAB = "other-tab"  # another tab of this browser has the interview; the candidate can take it over
    TAKEN_OVER = "taken-over"  # another tab has taken it over
    OTHER_DEVICE = "other-device"  # another device has the interview; the candidate can take it over
    ON_OTHER_DEVICE = "on-other-device"  # another device has taken it over
    DELETED_HERE = "deleted-here"  # the candidate has deleted the session from this browser
    PAGE_FAILED = "page-failed"  # the page itself has an error; what is recorded is kept
    # Camera and microphone.
    PERMISSION_DENIED = "permission-denied"
    SYSTEM_DENIED = "system-denied"  # the operating system's privacy settings deny them to the browser
    NO_DEVICE = "no-device"
    DEVICE_BUSY = "device-busy"
    DEVICE_UNSUITABLE = "device-unsuitable"  # no device fulfils our constraints
    DEVICE_FAILED = "device-failed"  # another getUserMedia error
    DEVICE_WAITING = "device-waiting"  # the browser has not answered for a while: its prompt is open, or a device hangs
    INSECURE_PAGE = "insecure-page"
    CANNOT_RECORD = "cannot-record"  # MediaRecorder supports none of our formats
    NOTHING_COMES = "nothing-comes"  # the recorder delivered nothing in any format that was tried; nothing is kept
    DEVICE_LOST = "device-lost"  # a device stopped by itself; `elapsed_s` of the recording are kept, None: nothing
    RECORDING_BROKE = "recording-broke"  # the recorder failed although the devices work; `elapsed_s` are kept
    BEGUN_ANEW = "begun-anew"  # while recording: a format delivered nothing, so the recording started again in another
    DEVICE_MUTED = "device-muted"  # while recording: a device delivers nothing, but may recover by itself
    PICTURE_TURNED = "picture-turned"  # while recording: players may not show the rest of the picture
    PICTURE_THINNED = "picture-thinned"  # while recording: fewer frames per second, as the uplink is slow
    NOTHING_RECORDED = "nothing-recorded"
    TOO_SHORT = "too-short"  # stopped within its first second: the take does not count
    SILENT = "silent"  # while recording: nothing was heard since the recording began
    BLACK = "black"  # while recording: the picture was black since the recording began
    SILENT_TAKE = "silent-take"  # the same as SILENT, for a whole take that is kept
    BLACK_TAKE = "black-take"
    # The candidate chose a file instead of recording; `limit` is the largest size or duration allowed.
    FILE_WRONG_TYPE = "file-wrong-type"
    FILE_TOO_LARGE = "file-too-large"
    FILE_TOO_LONG = "file-too-long"
    FILE_UNREADABLE = "file-unreadable"
    FILE_STAYS_TOO_LARGE = "file-stays-too-large"  # the browser could not make the video small enough
    FILE_SENT_AS_IT_IS = "file-sent-as-it-is"  # neither, but it is within the limit; this is about the take that it is
    FILE_IN_THE_WAY = "file-in-the-way"  # one is still copied or made smaller, at another question
    # Uploading.
    RECOVERING = "recovering"  # an earlier visit's recordings are being uploaded; `is_over`: all are stored
    # The page closed while recording, after `elapsed_s`; the candidate may keep the recording or make it again. One
    # notice is for the question, another, which names it in `questions`, for the device check.
    CUT_OFF = "cut-off"
    NO_BACKUP = "no-backup"  # the window has no storage: recordings are kept in memory only
    JOURNAL_LOW = "journal-low"  # the next answer may not fit on the device; recording still works
    JOURNAL_FULL = "journal-full"
    OFFLINE = "offline"
    STORE_AWAY = "store-away"  # the signer answers, the store does not
    CAPTIVE_PORTAL = "intercepted"  # a sign-in page answers instead of the store
    SIGNER_INVALID = "misled"  # the signer's responses are invalid: nothing is sent, and the signer is asked again
    SLOW = "slow"
    UPLOAD_FAILED = "upload-failed"  # a person must act; `detail` says why
    STORE_REFUSES = "store-refuses"  # only the operator can fix it; `detail` says what. The page keeps trying
    TICKET_EXPIRED = "ticket-expired"  # expired or refused during a session
    # Submitting.
    SUBMIT_MISSING = "submit-missing"  # `questions` are required and unanswered
    SUBMIT_FAILED = "submit-failed"  # the candidate may press Submit again


# Why camera or microphone cannot be used (any more).
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
# Notices about camera, microphone and recording: before the first question they belong to the device check.
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
        Topic.PICTURE_THINNED,
        Topic.NOTHING_RECORDED,
        Topic.TOO_SHORT,
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    topic: Topic
    question: str | None = None  # None: the notice concerns the whole page
    elapsed_s: float | None = None
    limit: float | None = None  # bytes or seconds, depending on the topic
    questions: tuple[str, ...] = ()
    detail: str = ""  # the sentence of an UploadError; "": none
    is_over: bool = False  # True: the matter has ended well


def topic_of_refusal(error: UploadError) -> Topic:
    """Return the topic that says why the signer gave no interview."""
    match error:
        case TicketRefused():
            return Topic.TICKET_REFUSED
        case AlreadySubmitted():
            return Topic.ALREADY_SUBMITTED
        case SignerInvalid():
            return Topic.INTERVIEW_INVALID
        case _:
            return Topic.SIGNER_UNREACHABLE
