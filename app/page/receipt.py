"""The end: thank you, what was received, and that the page may be closed."""

from collections.abc import Mapping

from app.contract import AnswerRecord, SubmissionReceipt, Track, TrackRecord
from app.page import words
from app.page.dom import Node, element, icon
from app.page.language import _, ngettext
from app.page.track_row import track_name

_DIGEST_SHOWN = 12  # hexadecimal digits: enough to compare by eye


def receipt_page(receipt: SubmissionReceipt, names: Mapping[str, str]) -> Node:
    """Make the final page. `names` tells how each question is called."""
    return element(
        "section",
        icon("check"),
        element("h2", _("Thank you. We have your answers."), tabindex="-1"),
        element("p", _("Everything is stored. You may close this page now."), class_="lead"),
        element("p", _("Received on {time}").format(time=words.moment(receipt.submitted_at)), class_="received-at"),
        element("h3", _("What we received")),
        element("ul", *(_answer(answer, names) for answer in receipt.answers), class_="received"),
        class_="final",
        data_receipt=receipt.session,
        data_weight="done",
    )


def _answer(answer: AnswerRecord, names: Mapping[str, str]) -> Node:
    parts = [_track(track_name(track), answer.tracks[track]) for track in Track if track in answer.tracks]
    if answer.text and answer.text.strip():
        pattern = ngettext("{number} character", "{number} characters", len(answer.text))
        written = pattern.format(number=words.count(len(answer.text)))
        parts.append(element("p", element("strong", _("Written")), f" · {written}"))
    name = element("p", names.get(answer.question, answer.question), class_="received-name", dir="auto")
    return element("li", icon("check"), element("div", name, *parts), data_received=answer.question)


def _track(name: str, record: TrackRecord) -> Node:
    figures = [words.duration(record.duration_s), words.size_up(record.size)]
    if record.interrupted:
        figures.append(_("ended early"))
    line: list[Node | str] = [element("strong", name), f" · {' · '.join(figures)} "]
    if record.sha256 is not None:
        digest = element("code", record.sha256[:_DIGEST_SHOWN], title=record.sha256)
        line.append(element("span", f"{_('Checksum')} ", digest, class_="received-digest"))
    return element("p", *line)
