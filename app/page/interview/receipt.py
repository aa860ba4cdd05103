"""The final page: thank the candidate, list what was received, and say that the page may be closed."""

from collections.abc import Mapping

from app.contract import AnswerRecord, SubmissionReceipt, Track, TrackRecord
from app.contract.efficiency import Efficiency
from app.page.kit import words
from app.page.kit.dom import Node, Template, element
from app.page.kit.language import _, ngettext
from app.page.question.track_row import track_name

SOME = 0.01  # share; below it, nothing was stored early
SHORT_S = 2.0  # a wait that nobody notices


def receipt_page(receipt: SubmissionReceipt, report: Efficiency | None, names: Mapping[str, str]) -> Node:
    """Make the final page. `names` gives the name of each question, by id."""
    made = Template("receipt")
    made.text(
        title=_("Thank you. We have your answers."),
        body=_("Everything is stored. You may close this page now."),
        time=_("Received on {time}").format(time=words.moment(receipt.submitted_at)),
        heading=_("What we received"),
    )
    made.text(efficiency=how_it_went(report) if report is not None else "")
    made.fill("answers", *(_answer(answer, names) for answer in receipt.answers))
    made.node.attribute("data-receipt", receipt.session)
    _fill_checksums(made, _checksums(receipt, names))
    return made.node


def how_it_went(report: Efficiency) -> str:
    """Return one sentence about the uploads; "" if nothing was recorded on this device."""
    if report.overlap is None or report.wait_s is None:
        return ""
    share, wait = words.percent(int(report.overlap * 100)), words.duration(report.wait_s)
    if report.overlap < SOME:
        return _("Your recordings were stored {duration} after you pressed Stop.").format(duration=wait)
    if report.wait_s <= SHORT_S:
        pattern = _("{share} of your recordings was stored while you were still speaking, the rest a moment later.")
        return pattern.format(share=share)
    pattern = _("{share} of your recordings was stored while you were still speaking, the rest took {duration} more.")
    return pattern.format(share=share, duration=wait)


def _answer(answer: AnswerRecord, names: Mapping[str, str]) -> Node:
    parts = [_track(track_name(track), answer.tracks[track]) for track in Track if track in answer.tracks]
    if answer.text and answer.text.strip():
        pattern = ngettext("{number} character", "{number} characters", len(answer.text))
        written = pattern.format(number=words.count(len(answer.text)))
        parts.append(element("p", element("strong", _("Written")), f" · {written}"))
    made = Template("received")
    made.text(name=names.get(answer.question, answer.question))
    made.part("words").put(*parts)
    made.node.attribute("data-received", answer.question)
    return made.node


def _track(name: str, record: TrackRecord) -> Node:
    figures = [words.duration(record.duration_s), words.size_up(record.size)]
    if record.interrupted:
        figures.append(_("ended early"))
    return element("p", element("strong", name), f" · {' · '.join(figures)}")


def _checksums(receipt: SubmissionReceipt, names: Mapping[str, str]) -> list[Node]:
    """List the checksums to compare stored files with; they are folded away, as most candidates never need them."""
    return [
        element(
            "div",
            element("dt", f"{names.get(answer.question, answer.question)} · {track_name(track)}"),
            element("dd", element("code", record.sha256)),
        )
        for answer in receipt.answers
        for track, record in answer.tracks.items()
        if record.sha256 is not None
    ]


def _fill_checksums(made: Template, rows: list[Node]) -> None:
    if rows:
        made.text(checksums_name=_("Checksums (SHA-256)"))
        made.part("checksum-rows").put(*rows)
    else:
        made.drop("checksums")
