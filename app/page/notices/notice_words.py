"""Choose the words of a notice: what happened, and what the candidate can do."""

from app.core.notices import Notice, Topic
from app.page.kit import words
from app.page.kit.language import _, isolated
from app.page.notices.dead_end_words import DEAD_ENDS
from app.page.notices.device_words import DEVICES
from app.page.notices.file_words import FILES
from app.page.notices.notice import NoticeWords
from app.page.notices.upload_words import RECOVERED, UPLOADS

_TABLE = DEAD_ENDS | DEVICES | FILES | UPLOADS


def words_for(notice: Notice) -> NoticeWords:
    """Return the words of `notice`, in the candidate's language."""
    found = RECOVERED if notice.topic is Topic.RECOVERING and notice.is_over else _TABLE[notice.topic]
    body = _(found.body)
    if notice.topic in (Topic.DEVICE_LOST, Topic.RECORDING_BROKE) and notice.elapsed_s is not None:
        kept = _("The first {time} of your answer are kept.").format(time=words.duration(notice.elapsed_s))
        body = f"{kept} {body}"
    if notice.topic is Topic.CUT_OFF and notice.elapsed_s is not None:
        kept = _("The page was closed or reloaded after {time}; what you said until then is kept.")
        body = f"{kept.format(time=words.duration(notice.elapsed_s))} {body}"
    if notice.topic in (Topic.FILE_TOO_LARGE, Topic.FILE_STAYS_TOO_LARGE) and notice.limit is not None:
        body = f"{_('At most {size} are taken.').format(size=words.size_down(int(notice.limit)))} {body}"
    if notice.topic is Topic.FILE_TOO_LONG and notice.limit is not None:
        body = f"{_('At most {time} are taken.').format(time=words.duration(notice.limit))} {body}"
    label = _(found.action_label) if found.action_label else ""
    return NoticeWords(found.weight, _(found.title), body, found.action, label)


def detail_of(notice: Notice) -> str:
    """Return the technical sentence that the candidate can pass on to an operator; "" for none."""
    return _("Details: {sentence}").format(sentence=isolated(notice.detail)) if notice.detail else ""
