"""The end: thank you, what was received, and that the page may be closed."""

from collections.abc import Mapping

from app.contract import AnswerRecord, SubmissionReceipt, Track, TrackRecord
from app.page.kit import words
from app.page.kit.dom import Node, element, icon
from app.page.kit.language import _, ngettext
from app.page.question.track_row import track_name


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
        *_checksums(receipt, names),
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
    return element("p", element("strong", name), f" · {' · '.join(figures)}")


def _checksums(receipt: SubmissionReceipt, names: Mapping[str, str]) -> list[Node]:
    """List what stored files can be compared with, folded away: most candidates never need it."""
    rows = [
        element(
            "div",
            element("dt", f"{names.get(answer.question, answer.question)} · {track_name(track)}"),
            element("dd", element("code", record.sha256)),
        )
        for answer in receipt.answers
        for track, record in answer.tracks.items()
        if record.sha256 is not None
    ]
    if not rows:
        return []
    return [element("details", element("summary", _("Checksums (SHA-256)")), element("dl", *rows), class_="checksums")]
