"""The page in another language: made anew, and told again what it was told last."""

from collections.abc import Callable, Mapping
from typing import Protocol

from app.contract import InterviewGrant, SubmissionReceipt, Track
from app.core.notices import Notice, Topic
from app.core.recording.devices import DevicesView, SampleRecording, Stream
from app.core.recording.signal_quality import Advice
from app.core.session.answers import AnswerView
from app.core.session.view import View
from app.core.upload.progress import SessionProgress
from app.page.notices.device_words import DEVICES

_Key = tuple[object, ...]
# Where a notice stands depends on what is in front, and a clock says nothing before its answer counts. All else keeps
# its order: a list of missing answers, told after one answer and before another, is shortened by the latter alone.
_RANKS = {"interview": 0, "front": 1, "clock": 3}


class Page(View, Protocol):
    """A page as it was made in one language."""

    def close(self) -> None:
        """Detach everything."""


class RetoldView:
    """Fill `core.view.View` by a page that can be replaced at any time. Only the last of each kind is kept."""

    def __init__(self, make: Callable[[], Page], on_dead_end: Callable[[Topic], None]) -> None:
        """`on_dead_end` is told once of what each dead end is about."""
        self._make = make
        self._on_dead_end = on_dead_end
        self._told: dict[_Key, Callable[[Page], None]] = {}
        self._view: Page | None = None  # not made yet
        self._is_checking = False  # whether the device check is in front

    def retell(self) -> None:
        """Make the page (anew), in the language spoken now."""
        if self._view is not None:
            self._view.close()
        self._view = self._make()
        for key in sorted(self._told, key=lambda key: _RANKS.get(str(key[0]), 2)):
            self._told[key](self._view)

    def show_interview(self, grant: InterviewGrant) -> None:
        self._told.pop(("end",), None)  # taken over from another tab
        self._tell(("interview",), lambda view: view.show_interview(grant))

    def show_device_check(self, view: DevicesView, stream: Stream | None) -> None:
        self._is_checking = True
        self._tell(("front",), lambda page: page.show_device_check(view, stream))

    def show_devices(self, view: DevicesView) -> None:
        self._tell(("devices",), lambda page: page.show_devices(view))

    def show_level(self, level: float | None) -> None:
        if self._view is not None:  # not kept: the next one comes by itself
            self._view.show_level(level)

    def show_advice(self, advice: frozenset[Advice]) -> None:
        self._tell(("advice",), lambda view: view.show_advice(advice))

    def show_sample(self, sample: SampleRecording) -> None:
        self._tell(("rehearsal",), lambda view: view.show_sample(sample))

    def show_question(self, question: str, stream: Stream | None) -> None:
        if self._is_checking:  # what was in the way of the device check went with it
            self._is_checking = False
            for topic in DEVICES:
                self._told.pop(("notice", topic, None), None)
        self._tell(("front",), lambda view: view.show_question(question, stream))

    def show_answer(self, answer: AnswerView) -> None:
        self._tell(("answer", answer.question), lambda view: view.show_answer(answer))

    def show_clock(self, question: str, elapsed_s: float, remaining_s: float) -> None:
        self._tell(("clock", question), lambda view: view.show_clock(question, elapsed_s, remaining_s))

    def show_playback(self, question: str, urls: Mapping[Track, str]) -> None:
        self._tell(("playback", question), lambda view: view.show_playback(question, urls))

    def show_progress(self, progress: SessionProgress) -> None:
        self._tell(("progress",), lambda view: view.show_progress(progress))

    def show_notice(self, notice: Notice) -> None:
        self._tell(("notice", notice.topic, notice.question), lambda view: view.show_notice(notice))

    def hide_notice(self, topic: Topic, question: str | None = None) -> None:
        self._told.pop(("notice", topic, question), None)
        if self._view is not None:
            self._view.hide_notice(topic, question)

    def show_submitting(self, is_submitting: bool) -> None:
        self._tell(("submitting",), lambda view: view.show_submitting(is_submitting))

    def show_receipt(self, receipt: SubmissionReceipt) -> None:
        self._end(lambda view: view.show_receipt(receipt))

    def show_dead_end(self, notice: Notice) -> None:
        self._end(lambda view: view.show_dead_end(notice))
        self._on_dead_end(notice.topic)

    def _tell(self, key: _Key, tell: Callable[[Page], None]) -> None:
        self._told.pop(key, None)  # the order is that of the last telling
        self._told[key] = tell
        if self._view is None:
            self.retell()
        else:
            tell(self._view)

    def _end(self, tell: Callable[[Page], None]) -> None:
        """Keep of what was told only the interview: from it come the title and the questions' names."""
        self._told = {key: told for key, told in self._told.items() if key == ("interview",)}
        self._tell(("end",), tell)
