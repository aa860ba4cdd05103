"""Hold the current ScreenState, and request a frame when it changes; nothing else does."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.contract import InterviewGrant, SubmissionReceipt, Track
from app.contract.efficiency import Efficiency
from app.core.notices import Notice, Topic
from app.core.recording.connection import Connection
from app.core.recording.devices import DevicesView, SampleRecording, Stream
from app.core.recording.shrink_rules import ShrinkView
from app.core.recording.signal_quality import Advice
from app.core.session.answers import Answer, AnswerView
from app.core.session.events import SessionEvent
from app.core.session.notice_events import NoticeEvent
from app.core.session.notice_rules import beyond_device_check, notices_after, notices_after_step, still_missing
from app.core.session.state import SessionState
from app.core.session.submission import is_submitting
from app.core.session.view import ClockView, Frames, LevelView, Page, ScreenState
from app.core.upload.progress import SessionProgress


class Screen:
    """Render at most once per frame, however often something changes. Render a receipt or a dead end at once."""

    def __init__(self, make: Callable[[], Page], frames: Frames, on_dead_end: Callable[[Topic], None]) -> None:
        """`make` creates the page in the current language; `on_dead_end` gets the topic of each dead end."""
        self.state = ScreenState()
        self._make = make
        self._frames = frames
        self._on_dead_end = on_dead_end
        self._page: Page | None = None  # None: not created yet
        self._rendered = self.state

    def redraw(self) -> None:
        """Create the page (again) in the current language, and render the state."""
        if self._page is not None:
            self._page.close()
        self._page = self._make()
        self._render()

    def follow(self, event: SessionEvent, state: SessionState) -> None:
        """Show the session's `state`, which `event` has led to."""
        answers = {id_: self._view_of(answer) for id_, answer in state.answers.items()}
        notices = still_missing(notices_after_step(self.state.notices, event, state.missing), answers)
        self._change(answers=answers, is_submitting=is_submitting(state.submission), notices=notices)

    def note(self, event: NoticeEvent) -> None:
        """Show and hide the notices that `event` calls for."""
        notices = notices_after(self.state.notices, event)
        if notices is not self.state.notices:
            self._change(notices=notices)

    def show_interview(self, grant: InterviewGrant) -> None:
        self._change(grant=grant, dead_end=None)  # shown before the candidate took the session over

    def show_device_check(self, view: DevicesView, stream: Stream | None) -> None:
        self._change(is_checking_devices=True, question=None, devices=view, stream=stream)

    def show_devices(self, view: DevicesView) -> None:
        self._change(devices=view)

    def show_level(self, level: float | None) -> None:
        self._change(level=LevelView(level))

    def show_advice(self, advice: frozenset[Advice]) -> None:
        self._change(advice=advice)

    def show_connection(self, connection: Connection | None) -> None:
        self._change(connection=connection)

    def show_sample(self, sample: SampleRecording) -> None:
        self._change(sample=sample)

    def show_question(self, question: str, stream: Stream | None) -> None:
        notices = self.state.notices
        if self.state.is_checking_devices:
            notices = beyond_device_check(notices)
        self._change(is_checking_devices=False, question=question, stream=stream, notices=notices)

    def show_clock(self, question: str, elapsed_s: float, remaining_s: float) -> None:
        self._change(clocks={**self.state.clocks, question: ClockView(elapsed_s, remaining_s)})

    def show_shrinking(self, question: str, view: ShrinkView | None) -> None:
        """Show how far a chosen video is encoded; None: it no longer is being encoded."""
        others = {id_: shown for id_, shown in self.state.shrinking.items() if id_ != question}
        shrinking = others if view is None else {**others, question: view}
        if shrinking != self.state.shrinking:
            self._change(shrinking=shrinking)

    def show_playback(self, question: str, urls: Mapping[Track, str]) -> None:
        self._change(playback={**self.state.playback, question: dict(urls)})

    def show_progress(self, progress: SessionProgress) -> None:
        self._change(progress=progress)

    def show_receipt(self, receipt: SubmissionReceipt, report: Efficiency | None) -> None:
        self._end(ScreenState(grant=self.state.grant, receipt=receipt, efficiency=report))

    def show_dead_end(self, notice: Notice) -> None:
        self._end(ScreenState(grant=self.state.grant, dead_end=notice))
        self._on_dead_end(notice.topic)

    def _view_of(self, answer: Answer) -> AnswerView:
        """Return the object that is shown already if nothing in it has changed: the page skips it."""
        shown, view = self.state.answers.get(answer.question.id), answer.view()
        return view if shown is None or shown != view else shown

    def _change(self, **fields: Any) -> None:
        is_asked = self.state is not self._rendered
        self.state = replace(self.state, **fields)
        if not is_asked:
            self._frames.request(self._draw)

    def _end(self, state: ScreenState) -> None:
        """Render at once. Only the interview is kept: the page needs its title and its questions' names."""
        self.state = state
        self._draw()

    def _draw(self) -> None:
        if self._page is None:
            self.redraw()
        elif self.state is not self._rendered:
            self._render()

    def _render(self) -> None:
        self._rendered = self.state
        if self._page is not None:
            self._page.render(self.state)
