"""The words of notices about storing, uploading and submitting."""

from app.core.notices import Topic
from app.page.kit.language import mark
from app.page.notices.notice import NoticeAction, NoticeWords, Weight

RECOVERED = NoticeWords(Weight.DONE, mark("Welcome back"), mark("Everything from your last visit is stored."))
UPLOADS = {
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
    Topic.STORE_AWAY: NoticeWords(
        Weight.WARNING,
        mark("The storage cannot be reached just now"),
        mark(
            "Your connection is fine, but the place where your answers are stored does not answer. You may go on: what"
            " you record is kept on this device, and goes out by itself. Please keep this page open. If this does not"
            " pass within some minutes, please tell the people who invited you."
        ),
    ),
    Topic.CAPTIVE_PORTAL: NoticeWords(
        Weight.ALERT,
        mark("Your network wants you to sign in"),
        mark(
            "Something between you and us answers in our place, as the Wi-Fi of hotels and trains does. Open any "
            "other website in a new tab, sign in there, and come back. What you record is kept on this device."
        ),
        NoticeAction.RETRY_UPLOADS,
        mark("Try again"),
    ),
    Topic.SIGNER_INVALID: NoticeWords(
        Weight.WARNING,
        mark("We get strange answers just now"),
        mark(
            "The interview server does not say where your recording belongs, so nothing is sent for the moment. We "
            "keep asking, and what you record is kept on this device. If this does not pass within some minutes, "
            "please tell the people who invited you."
        ),
        NoticeAction.RETRY_UPLOADS,
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
        NoticeAction.RETRY_UPLOADS,
        mark("Try again"),
    ),
    Topic.STORE_REFUSES: NoticeWords(
        Weight.ALERT,
        mark("The storage does not take your recording"),
        mark(
            "This is neither your fault nor your connection's. Your recording is kept on this device, and we keep"
            " trying. Please tell the people who invited you what stands below, and keep this page open or come back"
            " to it in this same browser."
        ),
        NoticeAction.RETRY_UPLOADS,
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
        NoticeAction.SUBMIT,
        mark("Submit again"),
    ),
}
