"""One question and its answer."""

from collections.abc import Callable

from app.contract import Question, Track, UploadMode
from app.core.session.view import ScreenState
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
        self._id = question.id
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

    def render(self, screen: ScreenState, before: ScreenState) -> None:
        """Show this question's part of `screen`; `before` was rendered last."""
        self.node.show(screen.question == self._id)
        answer = screen.answers.get(self._id)
        if answer is not None:
            self.node.attribute("data-answered", "true" if answer.is_answered else "false")
        if self._recorder_panel:
            self._recorder_panel.render(screen, before)
        if self._text_field and answer is not None:
            if self._id not in before.answers:
                self._text_field.fill(answer.text)
            self._text_field.show(answer.text, screen.progress)
        self._render_tracks(screen, before)

    def focus(self) -> None:
        self._heading.focus()

    def show_level(self, level: float | None) -> None:
        if self._recorder_panel:
            self._recorder_panel.meter.show(level)

    def _render_tracks(self, screen: ScreenState, before: ScreenState) -> None:
        progress, shown = screen.progress, before.progress
        if progress is None:
            return
        tracks, speed = screen.tracks_of(self._id), progress.bytes_per_second
        if shown is not None and (tracks, speed) == (before.tracks_of(self._id), shown.bytes_per_second):
            return
        found = {track.upload.track: track for track in tracks}
        for name, row in self._rows.items():
            row.show(found.get(name), speed)

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
