"""The words of notices about a file chosen instead of a recording."""

from app.core.notices import Topic
from app.page.kit.language import mark
from app.page.notices.notice import NoticeWords, Weight

FILES = {
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
    Topic.FILE_STAYS_TOO_LARGE: NoticeWords(
        Weight.WARNING,
        mark("This file is too large"),
        mark(
            "This browser could not make the video small enough. Please choose a smaller one, record your answer here, "
            "or open the same link in another browser. No take has been used up."
        ),
    ),
    Topic.FILE_SENT_AS_IT_IS: NoticeWords(
        Weight.INFO,
        mark("Your video is sent as it is"),
        mark("This browser could not make it smaller. Sending it may take longer; you need do nothing."),
    ),
    Topic.FILE_IN_THE_WAY: NoticeWords(
        Weight.INFO,
        mark("Your chosen file comes first"),
        mark(
            "The file that you chose at another question is still being copied or made smaller. You can record here as "
            "soon as that is done. To stop it, go to that question."
        ),
    ),
}
