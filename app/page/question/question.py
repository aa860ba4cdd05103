"""One question and its answer."""

from collections.abc import Callable, Mapping, Sequence

from app.contract import Question, Track, UploadMode
from app.core.recording.devices import DevicesView, Stream
from app.core.session.answers import AnswerView
from app.core.upload.progress import TrackProgress
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Button, Node, element, icon
from app.page.kit.language import _, ngettext
from app.page.notices.board import NoticeBoard
from app.page.question.recorder_panel import RecorderPanel
from app.page.question.text_field import TextField
from app.page.question.track_row import TrackRow


class QuestionView:
    """Always in the page; hidden while another question is in front."""

    def __init__(
        self, question: Question, place: str, mode: UploadMode, to_overview: Callable[[], None], context: ViewContext
    ) -> None:
        """`place` is where it stands: "Question 2 of 4"."""
        self._take = 1
        self._shown: tuple[tuple[TrackProgress, ...], float | None] | None = None
        self.board = NoticeBoard({}, context.dispatch)
        self._heading = element("h2", question.prompt, tabindex="-1", id=f"prompt-{question.id}", dir="auto")
        self._recorder_panel = RecorderPanel(question, context) if question.tracks else None
        self._rows = {track: TrackRow(track, mode) for track in question.tracks}
        self._text_field = TextField(question, question.text, context) if question.text else None
        self.node = element(
            "article",
            element(
                "div",
                element("p", element("span", place), " ", element("span", kind_words(question)), class_="eyebrow"),
                # Only where the overview is not in sight beside the question.
                Button(context.listeners, _("All questions"), to_overview, class_="link", data_step="overview"),
                class_="question-head",
            ),
            self._heading,
            class_="question",
            aria_labelledby=f"prompt-{question.id}",
            data_question=question.id,
            hidden=True,
        )
        self.node.put(*self._parts(question))

    def _parts(self, question: Question) -> list[Node]:
        parts = [element("p", question.hint, class_="hint", dir="auto")] if question.hint else []
        parts += [_facts(question)] if question.tracks else []
        parts += [self.board.node]
        parts += [self._recorder_panel.node] if self._recorder_panel else []
        parts += [element("div", *(row.node for row in self._rows.values()), class_="tracks")] if self._rows else []
        parts += [self._text_field.node] if self._text_field else []
        return parts

    def show(self, is_in_front: bool, stream: Stream | None) -> None:
        """Come to the front or go; only in front does the preview hold `stream`."""
        self.node.show(is_in_front)
        if self._recorder_panel:
            self._recorder_panel.show_stream(stream if is_in_front else None)

    def focus(self) -> None:
        self._heading.focus()

    def show_answer(self, answer: AnswerView) -> None:
        self._take = answer.take
        self.node.attribute("data-answered", "true" if answer.is_answered else "false")
        if self._recorder_panel:
            self._recorder_panel.show_answer(answer)
        if self._text_field:
            self._text_field.show_text(answer.text)

    def show_tracks(self, tracks: Sequence[TrackProgress], bytes_per_second: float | None) -> None:
        """Takes that were given up are let pass: their bytes are on their way out."""
        current = tuple(track for track in tracks if track.take >= self._take)
        if self._shown == (current, bytes_per_second):
            return
        self._shown = (current, bytes_per_second)
        found: dict[Track, TrackProgress] = {track.upload.track: track for track in current}
        for name, row in self._rows.items():
            row.show(found.get(name), bytes_per_second)

    def show_stored(self, is_stored: bool, is_held_up: bool) -> None:
        if self._text_field:
            self._text_field.show_stored(is_stored, is_held_up)

    def show_clock(self, elapsed_s: float, remaining_s: float) -> None:
        if self._recorder_panel:
            self._recorder_panel.show_clock(elapsed_s, remaining_s)

    def show_devices(self, view: DevicesView) -> None:
        if self._recorder_panel:
            self._recorder_panel.show_devices(view)

    def show_level(self, level: float | None) -> None:
        if self._recorder_panel:
            self._recorder_panel.meter.show(level)

    def show_playback(self, urls: Mapping[Track, str]) -> None:
        if self._recorder_panel:
            self._recorder_panel.show_playback(urls)

    def close(self) -> None:
        self.board.close()
        if self._recorder_panel:
            self._recorder_panel.close()


def kind_words(question: Question) -> str:
    """Say how it is answered: "Video answer", "Written answer, optional"."""
    if not question.tracks:
        kind = _("Written answer")
    elif Track.VIDEO in question.tracks:
        kind = _("Video answer")
    else:
        kind = _("Audio answer")
    return kind if question.required else _("{kind}, optional").format(kind=kind)


def _facts(question: Question) -> Node:
    facts = element("ul", class_="facts")
    if question.preparation_s:
        prepare = _("{time} to prepare").format(time=words.duration(question.preparation_s))
        facts.put(element("li", icon("clock"), prepare))
    facts.put(element("li", icon("record"), _("Up to {time}").format(time=words.duration(question.limit_s))))
    takes = ngettext("{number} take", "Up to {number} takes", question.takes).format(number=question.takes)
    facts.put(element("li", icon("retake"), takes))
    return facts
