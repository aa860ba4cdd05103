"""Every sentence a candidate reads when something is in the way: what happened, and what can be done."""

from dataclasses import dataclass
from enum import Enum, auto

from app.core.notices import Notice, Topic
from app.page import words
from app.page.language import _, isolated, mark


class Weight(Enum):
    DONE = auto()  # good news
    INFO = auto()  # nothing to do
    WARNING = auto()  # keep an eye on it
    ALERT = auto()  # something must be done


class Action(Enum):
    NONE = auto()
    CHECK_DEVICES = auto()
    RETRY_UPLOADS = auto()
    SUBMIT = auto()
    TAKE_OVER = auto()
    RELOAD = auto()


@dataclass(frozen=True, slots=True)
class NoticeWords:
    weight: Weight
    title: str
    body: str
    action: Action = Action.NONE
    action_label: str = ""


_TABLE = {
    # Nothing can go on: these take the whole page.
    Topic.TICKET_MISSING: NoticeWords(
        Weight.ALERT,
        mark("This link is not complete"),
        mark(
            "The personal part of your interview link is missing. Please open the link from your invitation "
            "again. If it stands on two lines there, copy both. Nothing has been recorded."
        ),
    ),
    Topic.LINK_INVALID: NoticeWords(
        Weight.ALERT,
        mark("We cannot read this link"),
        mark(
            "Something in the link has been changed or cut off. Please open the link from your invitation "
            "again, or ask the people who invited you for a new one. Nothing has been recorded."
        ),
    ),
    Topic.HOST_REFUSED: NoticeWords(
        Weight.ALERT,
        mark("The interview cannot be shown inside this page"),
        mark(
            "The site that you are on may not show it. Please tell the people who invited you; they can send you "
            "a link that opens the interview by itself. Nothing has been recorded."
        ),
    ),
    Topic.TICKET_REFUSED: NoticeWords(
        Weight.ALERT,
        mark("This link is no longer valid"),
        mark(
            "Your interview link has expired or is not accepted. Please ask the people who invited you for a "
            "new one. What has been stored so far stays stored."
        ),
    ),
    Topic.ALREADY_SUBMITTED: NoticeWords(
        Weight.DONE,
        mark("Your interview has been submitted"),
        mark("We have your answers. There is nothing left for you to do, and you may close this page."),
    ),
    Topic.SIGNER_UNREACHABLE: NoticeWords(
        Weight.ALERT,
        mark("We cannot reach the interview server"),
        mark("Please check that you are connected to the internet, then try again. Nothing that you recorded is lost."),
        Action.RELOAD,
        mark("Try again"),
    ),
    Topic.INTERVIEW_INVALID: NoticeWords(
        Weight.ALERT,
        mark("This interview cannot be shown"),
        mark(
            "The questions did not arrive in a form that this page understands. That is not your fault. Try "
            "again in a few minutes; if it stays like this, please tell the people who invited you."
        ),
        Action.RELOAD,
        mark("Try again"),
    ),
    Topic.OTHER_TAB: NoticeWords(
        Weight.INFO,
        mark("Your interview is open in another tab"),
        mark(
            "Two tabs cannot record the same interview. Go back to the other one, or go on in this one: what has "
            "been recorded there is kept."
        ),
        Action.TAKE_OVER,
        mark("Go on here"),
    ),
    Topic.TAKEN_OVER: NoticeWords(
        Weight.INFO,
        mark("Your interview goes on in another tab"),
        mark("Nothing is lost. You may close this tab."),
        Action.RELOAD,
        mark("Go on here instead"),
    ),
    Topic.PAGE_FAILED: NoticeWords(
        Weight.ALERT,
        mark("Something went wrong on this page"),
        mark(
            "That is our fault, not yours. Load the page again to go on. If this comes back, please tell the "
            "people who invited you."
        ),
        Action.RELOAD,
        mark("Load the page again"),
    ),
    # Camera and microphone.
    Topic.PERMISSION_DENIED: NoticeWords(
        Weight.ALERT,
        mark("Your browser does not let this page use your camera or microphone"),
        mark("It has been blocked for this page, now or earlier. This is how to allow it again:"),
        Action.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.SYSTEM_DENIED: NoticeWords(
        Weight.ALERT,
        mark("Your computer does not let the browser use your camera or microphone"),
        mark(
            "Open the privacy settings of your computer or phone, find “Camera” and “Microphone”, and switch your "
            "browser on in both. Then try again; some computers want the browser to be restarted first."
        ),
        Action.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.NO_DEVICE: NoticeWords(
        Weight.ALERT,
        mark("We cannot find a camera or microphone"),
        mark(
            "Connect one, or switch it on if it has a switch, then try again. A phone or a laptop with a "
            "camera works too: open the same link there."
        ),
        Action.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.DEVICE_BUSY: NoticeWords(
        Weight.ALERT,
        mark("Another program is using your camera or microphone"),
        mark("Close other programs and tabs that may be using it, such as video calls, then try again."),
        Action.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.DEVICE_UNSUITABLE: NoticeWords(
        Weight.ALERT,
        mark("This camera or microphone does not fit"),
        mark(
            "It cannot give what the interview needs. Choose another one below, or connect another one and try again."
        ),
        Action.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.DEVICE_FAILED: NoticeWords(
        Weight.ALERT,
        mark("Your camera or microphone did not start"),
        mark("Unplug it and connect it again, or restart the browser, then try again."),
        Action.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.INSECURE_PAGE: NoticeWords(
        Weight.ALERT,
        mark("This page was not opened over a secure connection"),
        mark(
            "Browsers allow camera and microphone on secure pages alone. Please open the link from your "
            "invitation; it begins with https."
        ),
    ),
    Topic.CANNOT_RECORD: NoticeWords(
        Weight.ALERT,
        mark("This browser cannot record"),
        mark(
            "Please open the same link in a current Chrome, Edge, Firefox or Safari. What has been stored so "
            "far stays stored."
        ),
    ),
    Topic.DEVICE_LOST: NoticeWords(
        Weight.ALERT,
        mark("Your camera or microphone stopped"),
        mark(
            "It was unplugged, or permission was taken away. Connect it again; then you may record this "
            "answer once more if you like."
        ),
        Action.CHECK_DEVICES,
        mark("Connect again"),
    ),
    Topic.DEVICE_MUTED: NoticeWords(
        Weight.WARNING,
        mark("Your camera or microphone gives nothing just now"),
        mark(
            "A call, another program or a switch on the device may be holding it. Recording goes on, and this note "
            "disappears when it is back. If it does not come back, stop and record this answer again."
        ),
    ),
    Topic.NOTHING_RECORDED: NoticeWords(
        Weight.WARNING,
        mark("Nothing was recorded"),
        mark(
            "The recording stopped before anything arrived from the camera or microphone. Please record this "
            "answer again. No take has been used up."
        ),
    ),
    # A file chosen instead of a recording.
    Topic.FILE_WRONG_TYPE: NoticeWords(
        Weight.WARNING,
        mark("This file cannot be your answer"),
        mark(
            "It is of a kind that we cannot play. Please choose an MP4 or WebM file, or record your answer here. No "
            "take has been used up."
        ),
    ),
    Topic.FILE_TOO_LARGE: NoticeWords(
        Weight.WARNING,
        mark("This file is too large"),
        mark("Please choose a smaller one, or record your answer here. No take has been used up."),
    ),
    Topic.FILE_TOO_LONG: NoticeWords(
        Weight.WARNING,
        mark("This file plays too long"),
        mark("Please choose a shorter one, or record your answer here. No take has been used up."),
    ),
    Topic.FILE_UNREADABLE: NoticeWords(
        Weight.WARNING,
        mark("This file cannot be read"),
        mark(
            "It is empty or damaged, or it was moved while we read it. Please choose it again, or record your answer "
            "here. No take has been used up."
        ),
    ),
    # Uploading.
    Topic.RECOVERING: NoticeWords(
        Weight.INFO,
        mark("Welcome back"),
        mark("Answers from your last visit were kept on this device, and are on their way again by themselves."),
    ),
    Topic.CUT_OFF: NoticeWords(
        Weight.WARNING,
        mark("This recording was cut off"),
        mark("You can leave it as it is, or discard it and record again."),
    ),
    Topic.NO_BACKUP: NoticeWords(
        Weight.WARNING,
        mark("Keep this page open until everything is stored"),
        mark(
            "Your browser gives this page no storage of its own, as in a private window. Recording works all "
            "the same, but closing or reloading the page would lose what is not stored yet."
        ),
    ),
    Topic.JOURNAL_LOW: NoticeWords(
        Weight.WARNING,
        mark("There is little space left on your device"),
        mark(
            "Recording works, and is stored while you speak. If you can, close other programs and delete what you do "
            "not need, so that a copy can be kept here while your connection is slow."
        ),
    ),
    Topic.JOURNAL_FULL: NoticeWords(
        Weight.ALERT,
        mark("Your device is running out of space"),
        mark(
            "Recording and storing go on all the same. Please keep this page open until everything is stored: "
            "closing or reloading it would lose what is not stored yet."
        ),
    ),
    Topic.OFFLINE: NoticeWords(
        Weight.WARNING,
        mark("You are offline"),
        mark(
            "You may go on answering. What you record is kept on this device, and goes out by itself when the"
            " connection is back. Please keep this page open."
        ),
    ),
    Topic.INTERCEPTED: NoticeWords(
        Weight.ALERT,
        mark("Your network wants you to sign in"),
        mark(
            "Something between you and us answers in our place, as the Wi-Fi of hotels and trains does. Open any "
            "other website in a new tab, sign in there, and come back. What you record is kept on this device."
        ),
        Action.RETRY_UPLOADS,
        mark("Try again"),
    ),
    Topic.MISLED: NoticeWords(
        Weight.WARNING,
        mark("We get strange answers just now"),
        mark(
            "The interview server does not say where your recording belongs, so nothing is sent for the moment. We "
            "keep asking, and what you record is kept on this device. If this does not pass within some minutes, "
            "please tell the people who invited you."
        ),
        Action.RETRY_UPLOADS,
        mark("Ask now"),
    ),
    Topic.SLOW: NoticeWords(
        Weight.INFO,
        mark("Your connection is slow just now"),
        mark("You may go on answering. Everything is kept on this device until it is stored."),
    ),
    Topic.UPLOAD_FAILED: NoticeWords(
        Weight.ALERT,
        mark("An upload has stopped"),
        mark(
            "Your recording is kept on this device. Try again; if it stops once more, please tell the people "
            "who invited you what stands below."
        ),
        Action.RETRY_UPLOADS,
        mark("Try again"),
    ),
    Topic.TICKET_EXPIRED: NoticeWords(
        Weight.ALERT,
        mark("Your interview link has expired"),
        mark(
            "What has been stored stays stored, and the rest is kept on this device. Please ask the people "
            "who invited you for a new link and open it in this same browser."
        ),
    ),
    # Submitting.
    Topic.SUBMIT_MISSING: NoticeWords(
        Weight.ALERT,
        mark("Some answers are still missing"),
        mark("These questions need an answer before you can submit:"),
    ),
    Topic.SUBMIT_FAILED: NoticeWords(
        Weight.ALERT,
        mark("Submitting did not work"),
        mark("Your answers are stored; only the closing step is missing. Please try again."),
        Action.SUBMIT,
        mark("Submit again"),
    ),
}


def words_for(notice: Notice) -> NoticeWords:
    """Return what to say about `notice`, in the candidate's language."""
    found = _TABLE[notice.topic]
    body = _(found.body)
    if notice.topic is Topic.DEVICE_LOST and notice.elapsed_s is not None:
        kept = _("The first {time} of your answer are kept.").format(time=words.duration(notice.elapsed_s))
        body = f"{kept} {body}"
    if notice.topic is Topic.CUT_OFF and notice.elapsed_s is not None:
        kept = _("The page was closed or reloaded after {time}; what you said until then is kept.")
        body = f"{kept.format(time=words.duration(notice.elapsed_s))} {body}"
    if notice.topic is Topic.FILE_TOO_LARGE and notice.limit is not None:
        body = f"{_('At most {size} are taken.').format(size=words.size_down(int(notice.limit)))} {body}"
    if notice.topic is Topic.FILE_TOO_LONG and notice.limit is not None:
        body = f"{_('At most {time} are taken.').format(time=words.duration(notice.limit))} {body}"
    label = _(found.action_label) if found.action_label else ""
    return NoticeWords(found.weight, _(found.title), body, found.action, label)


def detail_of(notice: Notice) -> str:
    """Return the technical sentence to pass on to an operator; "" for none."""
    return _("Details: {sentence}").format(sentence=isolated(notice.detail)) if notice.detail else ""
