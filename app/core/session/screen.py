"""Hold the current ScreenState, and request a frame when it changes; nothing else does."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.contract import InterviewGrant, SubmissionReceipt, Track
from app.core.notices import DEVICE_TOPICS, Notice, Topic
from app.core.recording.devices import DevicesView, SampleRecording, Stream
from app.core.recording.signal_quality import Advice
from app.core.session.answers import AnswerView
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

    def show_sample(self, sample: SampleRecording) -> None:
        self._change(sample=sample)

    def show_question(self, question: str, stream: Stream | None) -> None:
        notices = self.state.notices
        if self.state.is_checking_devices:  # its notices end with the device check
            notices = {key: one for key, one in notices.items() if not _is_of_device_check(one)}
        self._change(is_checking_devices=False, question=question, stream=stream, notices=notices)

    def show_answer(self, answer: AnswerView) -> None:
        answers = {**self.state.answers, answer.question: answer}
        self._change(answers=answers, notices=_still_missing(self.state.notices, answers))

    def show_clock(self, question: str, elapsed_s: float, remaining_s: float) -> None:
        self._change(clocks={**self.state.clocks, question: ClockView(elapsed_s, remaining_s)})

    def show_playback(self, question: str, urls: Mapping[Track, str]) -> None:
        self._change(playback={**self.state.playback, question: dict(urls)})

    def show_progress(self, progress: SessionProgress) -> None:
        self._change(progress=progress)

    def show_notice(self, notice: Notice) -> None:
        """Show a notice; it replaces the last one of the same topic and question."""
        key = (notice.topic, notice.question)
        others = {other: one for other, one in self.state.notices.items() if other != key}
        self._change(notices={**others, key: replace(notice)})  # a new object: the page shows an equal notice again

    def hide_notice(self, topic: Topic, question: str | None = None) -> None:
        if (topic, question) in self.state.notices:
            left = {key: one for key, one in self.state.notices.items() if key != (topic, question)}
            self._change(notices=left)

    def show_submitting(self, is_submitting: bool) -> None:
        self._change(is_submitting=is_submitting)

    def show_receipt(self, receipt: SubmissionReceipt) -> None:
        self._end(ScreenState(grant=self.state.grant, receipt=receipt))

    def show_dead_end(self, notice: Notice) -> None:
        self._end(ScreenState(grant=self.state.grant, dead_end=notice))
        self._on_dead_end(notice.topic)

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


def _is_of_device_check(notice: Notice) -> bool:
    return notice.question is None and (notice.topic in DEVICE_TOPICS or notice.topic is Topic.CUT_OFF)


def _still_missing(
    notices: Mapping[tuple[Topic, str | None], Notice], answers: Mapping[str, AnswerView]
) -> Mapping[tuple[Topic, str | None], Notice]:
    """Remove answered questions from the notice about missing answers; remove the notice with its last question."""
    notice = notices.get(key := (Topic.SUBMIT_MISSING, None))
    if notice is None:
        return notices
    left = tuple(one for one in notice.questions if one not in answers or not answers[one].is_answered)
    if left == notice.questions:
        return notices
    if left:
        return {**notices, key: replace(notice, questions=left)}
    return {other: one for other, one in notices.items() if other != key}
