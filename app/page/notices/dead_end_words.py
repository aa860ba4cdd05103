"""The words of notices that take the whole page, because the session cannot go on here."""

from app.core.notices import Topic
from app.page.kit.language import mark
from app.page.notices.notice import NoticeAction, NoticeWords, Weight

DEAD_ENDS = {
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
    Topic.HOST_SILENT: NoticeWords(
        Weight.ALERT,
        mark("The interview cannot be shown inside this page"),
        mark(
            "That is our fault, not yours. Load the page again to go on. If this comes back, please tell the "
            "people who invited you."
        ),
        NoticeAction.RELOAD,
        mark("Load the page again"),
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
        NoticeAction.RELOAD,
        mark("Try again"),
    ),
    Topic.INTERVIEW_INVALID: NoticeWords(
        Weight.ALERT,
        mark("This interview cannot be shown"),
        mark(
            "The questions did not arrive in a form that this page understands. That is not your fault. Try "
            "again in a few minutes; if it stays like this, please tell the people who invited you."
        ),
        NoticeAction.RELOAD,
        mark("Try again"),
    ),
    Topic.OTHER_TAB: NoticeWords(
        Weight.INFO,
        mark("Your interview is open in another tab"),
        mark(
            "Two tabs cannot record the same interview. Go back to the other one, or go on in this one: what has "
            "been recorded there is kept."
        ),
        NoticeAction.TAKE_OVER,
        mark("Go on here"),
    ),
    Topic.TAKEN_OVER: NoticeWords(
        Weight.INFO,
        mark("Your interview goes on in another tab"),
        mark("Nothing is lost. You may close this tab."),
        NoticeAction.RELOAD,
        mark("Go on here instead"),
    ),
    Topic.OTHER_DEVICE: NoticeWords(
        Weight.INFO,
        mark("Your interview is open on another device"),
        mark(
            "You can go on there, or go on here. What has been stored counts in both places. What was recorded there "
            "and is not stored yet stays on that device, until you open your link there again."
        ),
        NoticeAction.TAKE_OVER,
        mark("Go on here"),
    ),
    Topic.ON_OTHER_DEVICE: NoticeWords(
        Weight.INFO,
        mark("Your interview goes on on another device"),
        mark(
            "You have opened it there and chosen to go on. What was recorded here and is not stored yet is kept on "
            "this device."
        ),
        NoticeAction.RELOAD,
        mark("Go on here instead"),
    ),
    Topic.DELETED_HERE: NoticeWords(
        Weight.DONE,
        mark("Deleted from this device"),
        mark(
            "This browser keeps nothing of your interview any more. What was stored stays with the people who invited "
            "you. To go on, open the link from your invitation again."
        ),
    ),
    Topic.PAGE_FAILED: NoticeWords(
        Weight.ALERT,
        mark("Something went wrong on this page"),
        mark(
            "That is our fault, not yours. Load the page again to go on. If this comes back, please tell the "
            "people who invited you."
        ),
        NoticeAction.RELOAD,
        mark("Load the page again"),
    ),
}
