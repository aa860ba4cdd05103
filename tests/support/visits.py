"""One candidate's whole way in virtual time: visits of the page that crash and come back, on one store and one disk."""

import asyncio

from app.contract import Question, TextRules, Track, UploadMode
from app.core.session.actions import (
    Action,
    EditText,
    PauseUploads,
    Record,
    ResumeUploads,
    Retake,
    RetryUploads,
    Stop,
    Submit,
)
from app.core.session.answers import COUNTS_FROM_S, Phase
from app.core.upload.progress import TrackState
from app.core.upload.recording_id import RecordingId
from app.session.session import Session
from tests.support.fake_clock import SeededRandomness
from tests.support.fake_journal import FakeJournal, WatchedDisk
from tests.support.fake_store import FakeStore
from tests.support.recordings import Recordings
from tests.support.sitting import Sitting
from tests.support.virtual_time import LoopClock, VirtualLoop
from tests.support.weather import Kind, Weather
from tests.support.weathered import Network, Passed, WeatheredSigner, WeatheredTransport

SPOKEN = Question(id="q1", prompt="Who are you?", tracks=(Track.VIDEO,), limit_s=600, takes=3, required=False)
BOTH = Question(id="q2", prompt="Tell us.", tracks=(Track.VIDEO, Track.AUDIO), limit_s=600, takes=3, required=False)
WRITTEN = Question(id="q3", prompt="Why?", text=TextRules(max_characters=20), required=False)
WRITE_S = 0.01  # a transaction of the journal
SETTLING_S = 1e-6  # long enough for everything that does not wait for time


class Visits:
    """Open the page, use it, lose it, come back, and check at every moment what is promised."""

    def __init__(
        self,
        *questions: Question,
        mode: UploadMode = UploadMode.PROGRESSIVE,
        weather: Weather | None = None,
        part_bytes: int = 10,
        store: FakeStore | None = None,
    ) -> None:
        self.loop = VirtualLoop()
        self.store = store or FakeStore(part_bytes)
        self.disk = WatchedDisk(WRITE_S)
        self.network = Network(weather or Weather())
        self.recordings = Recordings(self.store, self.disk, self.loop.time)
        self.typed: dict[str, str] = {}  # the latest text of each question
        self._questions = questions or (SPOKEN, BOTH, WRITTEN)
        self._mode = mode
        self._randomness = SeededRandomness(1)
        self._shown: dict[RecordingId, int] = {}
        self._checked = 0  # requests looked at
        self._sent: dict[str, Passed] = {}  # parts, the last try of each
        self.visit()

    @property
    def weather(self) -> Weather:
        return self.network.weather

    # What a planted bug replaces.

    session: type[Session] = Session

    def signer(self) -> WeatheredSigner:
        return WeatheredSigner(self.store, self.network)

    def transport(self) -> WeatheredTransport:
        return WeatheredTransport(self.store, self.network)

    # The page.

    def visit(self) -> None:
        """Open the page on what an earlier visit has left."""
        self.page = Sitting(
            *self._questions,
            mode=self._mode,
            journal=FakeJournal(disk=self.disk),
            store=self.store,
            answers=self.store.answers(),
            clock=LoopClock(self.loop),
            randomness=self._randomness,
            signer=self.signer(),
            transport=self.transport(),
            session=self.session,
        )
        self._shown, self._sent = {}, {}
        self._proven = self.recordings.parts()
        self._running = self.loop.create_task(self.page.session.run())
        self.wait(0)

    def crash(self, *, turns: int = 0, loses_power: bool = False) -> None:
        """Lose the page after so many further steps of whatever it is at, and come back."""
        self.loop.turn(turns)
        self._check()
        self._running.cancel()
        self.loop.run(asyncio.wait({self._running}))
        self.disk.crash(loses_power=loses_power)
        self.recordings.crash()
        self.network.failing.clear()
        self.visit()

    @property
    def has_failed(self) -> bool:
        """Whether the last crash has shown something that must not be."""
        return self._running.cancelled()

    @property
    def is_over(self) -> bool:
        return self._running.done()

    # The candidate.

    def action(self, *actions: Action) -> None:
        for action in actions:
            self.page.actions.put_nowait(action)
        self.wait(0)

    def record(self, question_id: str) -> None:
        """Begin a take. Nothing happens where the page does not allow one."""
        question = next(one for one in self._questions if one.id == question_id)
        self._come_up()
        before = self.page.media_devices.recorders.copy()
        self.action(Record(question.id))
        shown = self.page.view.answers[question.id]
        for track in question.tracks:
            recorder = self.page.media_devices.recorders.get(track)
            if shown.phase is Phase.RECORDING and recorder is not None and recorder is not before.get(track):
                ref = RecordingId(question.id, track, self._randomness.last_key[question.id])
                self.recordings.begin(ref, shown.take, recorder)

    def speak(self, size: int) -> None:
        """Let every running recorder give a chunk."""
        self.recordings.speak(size)
        self.wait(0)

    def write(self, question: str, text: str) -> None:
        self.typed[question] = text
        self.action(EditText(question, text))

    def _come_up(self) -> None:
        """Wait for the page to have looked into its journal."""
        while not self.page.view.is_up:
            self.wait(0.1)

    def retake(self, question: str) -> None:
        self._come_up()
        before = self.page.view.answers[question].take
        self.action(Retake(question))
        if self.page.view.answers[question].take > before:
            self.recordings.give_up(question, before)

    def stop(self) -> None:
        """Stop what runs, once it has run for long enough to count."""
        if self.recordings.is_under_way:
            self.wait(COUNTS_FROM_S)
        for question in self.recordings.questions:
            self.action(Stop(question))

    def wait(self, duration_s: float, size: int = 3) -> None:
        """Let time pass; who is recording goes on speaking."""
        while duration_s > 1 and self.recordings.is_under_way:
            self.loop.advance(1)
            self._check()
            duration_s -= 1
            self.recordings.speak(size)
        self.loop.advance(duration_s + SETTLING_S)
        self._check()

    # What must hold at every moment.

    def _check(self) -> None:
        if self._running.done() and (error := self._running.exception()) is not None:
            raise error
        self._check_requests()
        self._check_shown()

    def _check_requests(self) -> None:
        """Nothing is sent again that was acknowledged, or that the store had when this visit began: it was asked."""
        for passed in self.network.passed[self._checked :]:
            about = passed.request.about
            if passed.request.kind is Kind.PART:
                assert about not in self._proven, f"part {about} is sent again, and the store has it"
                earlier = self._sent.get(about)
                assert earlier is None or not earlier.has_succeeded, f"part {about} is sent after its acknowledgement"
                self._sent[about] = passed
        self._checked = len(self.network.passed)

    def lose_upload(self, handle: str) -> None:
        self.store.lose(handle)

    def lose_part(self, handle: str, what: str) -> None:
        """Have the store forget a part, as none should."""
        for name in self.store.drop(handle, what):
            self._proven.discard(name)
            self._sent.pop(name, None)

    def _check_shown(self) -> None:
        progress = self.page.view.progress
        if progress is None:
            return
        for row in progress.tracks:
            shown = min(self._shown.get(row.upload, 0), row.recorded)  # what is cut short is less, and all of it there
            assert shown <= row.acknowledged <= row.recorded, "progress runs backwards"
            self._shown[row.upload] = row.acknowledged
            if row.state is TrackState.COMPLETED:
                assert self.recordings.is_stored(row.upload, row.take), (
                    f"{row.upload} is shown as completed, and the store has no object"
                )
        if progress.is_safe and not self.is_over:
            assert all(self.recordings.is_stored(row.upload, row.take) for row in progress.tracks), "not all is safe"

    # The end.

    def end_well(self) -> None:
        """Let nothing fail any more, and submit: everything must be there, once."""
        self.weather.clear_up()
        self.disk.failing.clear()
        self.disk.room = None
        self.stop()
        self.page.network.turn(online=True)
        self.action(ResumeUploads())
        self.wait(200)
        if self.page.view.figures.has_failed:
            self.action(RetryUploads())
            self.wait(200)
        assert self.page.view.figures.is_safe, f"not everything was stored: {self._left()}"
        self.action(Submit())
        self.wait(60)
        assert self.page.view.receipt is not None, f"no receipt: {sorted(self.page.view.topics)}"
        assert self.store.uploads == {}, "an upload was left open"
        assert self.disk.is_empty, "the journal is not empty"
        receipts = {answer.question: answer for answer in self.page.view.receipt.answers}
        for question, answer in self.page.view.answers.items():
            self.recordings.check_answer(question, answer.take, receipts)

    def _left(self) -> list[str]:
        figures = self.page.view.figures
        rows = [f"{row.upload}: {row.state.name} {row.problem}" for row in figures.tracks]
        return [*rows, *(f"{question}: answer.json" for question in figures.unstored)]

    def close(self) -> None:
        self.loop.end()

    def pause(self, *, is_paused: bool) -> None:
        self.action(PauseUploads() if is_paused else ResumeUploads())
