"""One question and its answer."""

from collections.abc import Callable, Mapping, Sequence

from app.contract import Question, Track, UploadMode
from app.core.recording.devices import DevicesView, Stream
from app.core.session.answers import AnswerView
from app.core.upload.progress import TrackProgress
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Template
from app.page.kit.language import _, ngettext
from app.page.notices.board import NoticeBoard
from app.page.question.navigation import Navigation
from app.page.question.recorder_panel import RecorderPanel
from app.page.question.text_field import TextField
from app.page.question.track_row import TrackRow


class QuestionView:
    """Show one question; it is always in the page, and hidden while another one is in front."""

    def __init__(
        self,
        question: Question,
        context: ViewContext,
        *,
        place: str,
        mode: UploadMode,
        navigation: Navigation,
        to_overview: Callable[[], None],
    ) -> None:
        """`place` says which question it is: "Question 2 of 4"."""
        self._take = 1
        self._shown: tuple[tuple[TrackProgress, ...], float | None] | None = None
        self.board = NoticeBoard({}, context.dispatch)
        self._recorder_panel = RecorderPanel(question, context) if question.tracks else None
        self._rows = {track: TrackRow(track, mode) for track in question.tracks}
        self._text_field = TextField(question, question.text, context) if question.text else None
        self.navigation = navigation
        made = Template("question")
        self.node, self._heading = made.node, made.part("prompt")
        self._heading.text(question.prompt)
        self._heading.attribute("id", f"prompt-{question.id}")
        self.node.attributes(aria_labelledby=f"prompt-{question.id}", data_question=question.id)
        made.text(place=place, kind=kind_words(question), **({"hint": question.hint} if question.hint else {}))
        made.button("overview", context.listeners, _("All questions"), to_overview)
        self._fill(made, question)

    def _fill(self, made: Template, question: Question) -> None:
        if not question.hint:
            made.drop("hint")
        made.fill("notices", self.board.node)
        made.fill("recorder", *([self._recorder_panel.node] if self._recorder_panel else []))
        made.fill("writing", *([self._text_field.node] if self._text_field else []))
        made.fill("navigation", self.navigation.node)
        if question.tracks:
            made.part("tracks").put(*(row.node for row in self._rows.values()))
            _fill_facts(made, question)
        else:
            made.drop("tracks", "facts")

    def show(self, is_in_front: bool, stream: Stream | None) -> None:
        """Show or hide the question; the preview holds `stream` only while the question is in front."""
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
        """Show the tracks of the current take; skip those of earlier takes, which were discarded."""
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
    """Return how the question is answered: "Video answer", "Written answer, optional"."""
    if not question.tracks:
        kind = _("Written answer")
    elif Track.VIDEO in question.tracks:
        kind = _("Video answer")
    else:
        kind = _("Audio answer")
    return kind if question.required else _("{kind}, optional").format(kind=kind)


def _fill_facts(made: Template, question: Question) -> None:
    if question.preparation_s:
        time = words.duration(question.preparation_s)
        made.text(preparation_words=_("{time} to prepare").format(time=time))
    else:
        made.drop("preparation")
    takes = ngettext("{number} take", "Up to {number} takes", question.takes).format(number=question.takes)
    made.text(limit=_("Up to {time}").format(time=words.duration(question.limit_s)), takes=takes)
