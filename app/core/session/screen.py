"""The present ScreenState: the one place where it changes, and where a frame is asked for."""

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
    """Render at most once a frame, however often something changes. A receipt or a dead end is rendered at once."""

    def __init__(self, make: Callable[[], Page], frames: Frames, on_dead_end: Callable[[Topic], None]) -> None:
        """`make` makes the page in the language spoken now; `on_dead_end` is told once what each one is about."""
        self.state = ScreenState()
        self._make = make
        self._frames = frames
        self._on_dead_end = on_dead_end
        self._page: Page | None = None  # not made yet
        self._rendered = self.state

    def redraw(self) -> None:
        """Make the page (anew), in the language spoken now, and render what it shows."""
        if self._page is not None:
            self._page.close()
        self._page = self._make()
        self._render()

    def show_interview(self, grant: InterviewGrant) -> None:
        self._change(grant=grant, dead_end=None)  # it may have been taken over from another tab

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
        if self.state.is_checking_devices:  # what was in the way of the device check goes with it
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
        """Show a notice in place of the last one of the same topic and question."""
        key = (notice.topic, notice.question)
        others = {other: one for other, one in self.state.notices.items() if other != key}
        self._change(notices={**others, key: replace(notice)})  # a new one, although it may say the same

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
        """Render at once, and keep of the rest only the interview: title and names of questions come from it."""
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
    """Take answers off the list of missing ones as they are given; with the last, the list itself."""
    notice = notices.get(key := (Topic.SUBMIT_MISSING, None))
    if notice is None:
        return notices
    left = tuple(one for one in notice.questions if one not in answers or not answers[one].is_answered)
    if left == notice.questions:
        return notices
    if left:
        return {**notices, key: replace(notice, questions=left)}
    return {other: one for other, one in notices.items() if other != key}
