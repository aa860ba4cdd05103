"""What the drivers ask the page to show. app/page fills it with the DOM."""

from collections.abc import Mapping
from typing import Protocol

from app.contract import InterviewGrant, SubmissionReceipt, Track
from app.core.notices import Notice, Topic
from app.core.recording.devices import DevicesView, SampleRecording, Stream
from app.core.recording.signal_quality import Advice
from app.core.session.answers import AnswerView
from app.core.upload.progress import SessionProgress


class View(Protocol):
    """What the page can show. No method waits, none fails for what a candidate typed."""

    def show_interview(self, grant: InterviewGrant) -> None:
        """Build everything once: device check, questions, progress, submit. Shows none of the steps yet."""

    def show_device_check(self, view: DevicesView, stream: Stream | None) -> None: ...

    def show_devices(self, view: DevicesView) -> None:
        """Offer these devices wherever one may be chosen."""

    def show_level(self, level: float | None) -> None:
        """Show how loud the microphone hears, 0 to 1; None takes the meter away: nobody can tell."""

    def show_advice(self, advice: frozenset[Advice]) -> None:
        """Say what sound and picture ask for; empty: all is well."""

    def show_sample(self, sample: SampleRecording) -> None:
        """Show where the test recording of the device check stands."""

    def show_question(self, question: str, stream: Stream | None) -> None:
        """Bring one question (by id) to the front, its live preview fed by `stream`."""

    def show_answer(self, answer: AnswerView) -> None: ...

    def show_clock(self, question: str, elapsed_s: float, remaining_s: float) -> None:
        """Show the recording's time, or the preparation's while the answer's phase is PREPARING."""

    def show_playback(self, question: str, urls: Mapping[Track, str]) -> None:
        """Offer the take just recorded for playing; an empty mapping takes the offer away."""

    def show_progress(self, progress: SessionProgress) -> None: ...

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the last one of the same topic and question."""

    def hide_notice(self, topic: Topic, question: str | None = None) -> None: ...

    def show_submitting(self, is_submitting: bool) -> None: ...

    def show_receipt(self, receipt: SubmissionReceipt) -> None:
        """Replace everything by the final page."""

    def show_dead_end(self, notice: Notice) -> None:
        """Replace everything by one notice: nothing here can go on."""
