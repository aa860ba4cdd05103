"""One candidate's whole way in virtual time: visits of the page that crash and come back, on one store and one disk."""

import asyncio
import hashlib
from random import Random

from app.contract import AnswerRecord, Question, TextRules, Track, UploadMode
from app.core.answers import Phase
from app.core.events import UploadRef
from app.core.progress import TrackState
from app.core.wishes import EditText, PauseUploads, Record, ResumeUploads, Retake, RetryUploads, Stop, Submit, Wish
from app.session import Session
from tests.core.sitting import Sitting
from tests.crashing_journal import CrashingJournal
from tests.fake_page import FakeRecorder
from tests.fake_store import FakeStore, document_of, key_of
from tests.fakes import FakeChance
from tests.virtual_time import LoopClock, VirtualLoop
from tests.weather import Kind, Weather
from tests.weathered import Network, Passed, WeatheredSigner, WeatheredTransport

SPOKEN = Question(id="q1", prompt="Who are you?", tracks=(Track.VIDEO,), limit_s=600, takes=3, required=False)
BOTH = Question(id="q2", prompt="Tell us.", tracks=(Track.VIDEO, Track.AUDIO), limit_s=600, takes=3, required=False)
WRITTEN = Question(id="q3", prompt="Why?", text=TextRules(max_characters=20), required=False)
SETTLING_S = 1e-6  # long enough for everything that does not wait for time


class SeededChance(FakeChance):
    """Draw from one seed, over all visits."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)

    def jitter(self) -> float:
        return self._random.random()

    def nonce(self) -> str:
        return f"{self._random.getrandbits(128):032x}"


class Visits:
    """Open the page, use it, lose it, come back, and check at every moment what is promised."""

    def __init__(
        self,
        *questions: Question,
        mode: UploadMode = UploadMode.PROGRESSIVE,
        weather: Weather | None = None,
        part_bytes: int = 10,
    ) -> None:
        self.loop = VirtualLoop()
        self.store = FakeStore(part_bytes)
        self.disk = CrashingJournal()
        self.network = Network(weather or Weather())
        self.given: dict[UploadRef, bytes] = {}  # what recorders gave, in this visit or an earlier one
        self.least: dict[UploadRef, int] = {}  # bytes of it that must arrive
        self.given_up: set[UploadRef] = set()
        self.typed: dict[str, str] = {}  # the latest text of each question
        self._questions = questions or (SPOKEN, BOTH, WRITTEN)
        self._mode = mode
        self._chance = SeededChance(1)
        self._recorders: dict[UploadRef, FakeRecorder] = {}
        self._shown: dict[UploadRef, int] = {}
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
            journal=self.disk,
            store=self.store,
            answers=self.store.answers(),
            clock=LoopClock(self.loop),
            chance=self._chance,
            signer=self.signer(),
            transport=self.transport(),
            session=self.session,
        )
        self._shown, self._sent = {}, {}
        self._proven = self._parts_in_store()
        self._running = self.loop.create_task(self.page.session.run())
        self.wait(0)

    def crash(self, *, turns: int = 0, loses_power: bool = False) -> None:
        """Lose the page after so many further steps of whatever it is at, and come back."""
        self.loop.turn(turns)
        self._check()
        self._running.cancel()
        self.loop.run(asyncio.wait({self._running}))
        self.disk.crash(loses_power=loses_power)
        for ref, content in list(self.given.items()):
            if self._is_stored(ref):
                continue
            self._check_kept(ref)
            self.least[ref] = min(self.least.get(ref, len(content)), len(self.disk.kept(ref)))
            if not self.least[ref] and ref not in self.given_up:  # nobody has heard of it
                del self.given[ref], self.least[ref]
        self._recorders = {}
        self.network.failing.clear()
        self.visit()

    def _check_kept(self, ref: UploadRef) -> None:
        """What the disk has taken is there until its object is."""
        kept = self.disk.kept(ref)
        assert self.given[ref].startswith(kept), "the journal has other bytes than were recorded"
        if ref not in self.given_up:
            assert len(kept) >= self.disk.safe.get(ref, 0), f"{ref}: rows have gone before the object was there"

    @property
    def has_failed(self) -> bool:
        """Whether the last crash has shown something that must not be."""
        return self._running.cancelled()

    @property
    def is_over(self) -> bool:
        return self._running.done()

    # The candidate.

    def wish(self, *wishes: Wish) -> None:
        for wish in wishes:
            self.page.wishes.put_nowait(wish)
        self.wait(0)

    def record(self, question_id: str) -> None:
        """Begin a take. Nothing happens where the page does not allow one."""
        question = next(one for one in self._questions if one.id == question_id)
        self._come_up()
        before = self.page.studio.recorders.copy()
        self.wish(Record(question.id))
        shown = self.page.view.answers[question.id]
        for track in question.tracks:
            recorder = self.page.studio.recorders.get(track)
            if shown.phase is Phase.RECORDING and recorder is not None and recorder is not before.get(track):
                ref = UploadRef(question.id, shown.take, track)
                # A full disk may not remember a retake: then its name is free again.
                assert not self.given.get(ref) or ref in self.given_up, "a take was recorded twice under one name"
                self.given_up.discard(ref)
                self.least.pop(ref, None)
                self._recorders[ref], self.given[ref] = recorder, b""

    def speak(self, size: int) -> None:
        """Let every running recorder give a chunk."""
        for ref, recorder in self._recorders.items():
            if not recorder.is_stopped:
                content = _bytes(ref, len(self.given[ref]), size)
                self.given[ref] += content
                recorder.give(content)
        self.wait(0)

    def write(self, question: str, text: str) -> None:
        self.typed[question] = text
        self.wish(EditText(question, text))

    def _come_up(self) -> None:
        """Wait for the page to have looked into its journal."""
        while not self.page.view.answers:
            self.wait(0.1)

    def retake(self, question: str) -> None:
        self._come_up()
        before = self.page.view.answers[question].take
        self.wish(Retake(question))
        if self.page.view.answers[question].take > before:
            self.given_up |= {ref for ref in self.given if (ref.question, ref.take) == (question, before)}

    def stop(self) -> None:
        for ref in self._recorders:
            self.wish(Stop(ref.question))

    def wait(self, duration_s: float, size: int = 3) -> None:
        """Let time pass; who is recording goes on speaking."""
        while duration_s > 1 and any(not recorder.is_stopped for recorder in self._recorders.values()):
            self.loop.advance(1)
            self._check()
            duration_s -= 1
            for ref, recorder in self._recorders.items():
                if not recorder.is_stopped:
                    content = _bytes(ref, len(self.given[ref]), size)
                    self.given[ref] += content
                    recorder.give(content)
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

    def _parts_in_store(self) -> set[str]:
        """Return what the store holds as the journal has it: parts that nobody needs to send.

        Not the short last ones: where a full disk has not taken a recording's end, they are cut only after the look.
        """
        refs = {key_of(ref): ref for ref in self.given}
        held = set()
        for handle, upload in self.store.uploads.items():
            recorded = self.disk.kept(refs[upload.key]) if upload.key in refs else b""
            for number, content in upload.parts.items():
                end = number * self.store.part_bytes
                if len(content) == self.store.part_bytes and content == recorded[end - self.store.part_bytes : end]:
                    held.add(f"{handle}/{number}")
        return held

    def lose_upload(self, handle: str) -> None:
        self.store.lose(handle)

    def lose_part(self, handle: str, number: int) -> None:
        """Have the store forget one part, as none should."""
        del self.store.uploads[handle].parts[number]
        self._proven.discard(f"{handle}/{number}")
        self._sent.pop(f"{handle}/{number}", None)

    def _check_shown(self) -> None:
        progress = self.page.view.progress
        if progress is None:
            return
        for row in progress.tracks:
            assert self._shown.get(row.upload, 0) <= row.acknowledged <= row.recorded, "progress runs backwards"
            self._shown[row.upload] = row.acknowledged
            if row.state is TrackState.COMPLETED:
                assert self._is_stored(row.upload), f"{row.upload} is shown as completed, and the store has no object"
        if progress.is_safe and not self.is_over:
            assert all(self._is_stored(row.upload) for row in progress.tracks), "not everything is safe"

    def _is_stored(self, ref: UploadRef) -> bool:
        """Whether the object is there; if so, it must be right."""
        content = self.store.objects.get(key_of(ref))
        if content is None:
            return False
        assert self.given.get(ref, b"").startswith(content), f"{ref}: the object is not what was recorded"
        assert len(content) >= self.least.get(ref, len(self.given.get(ref, b""))), f"{ref}: the object is too short"
        return True

    # The end.

    def end_well(self) -> None:
        """Let nothing fail any more, and submit: everything must be there, once."""
        self.weather.clear_up()
        self.disk.failing.clear()
        self.disk.room = None
        self.stop()
        self.page.network.turn(online=True)
        self.wish(ResumeUploads())
        self.wait(200)
        if self.page.view.figures.has_failed:
            self.wish(RetryUploads())
            self.wait(200)
        assert self.page.view.figures.is_safe, f"not everything was stored: {self._left()}"
        answers = {question.id: self.page.view.answers[question.id] for question in self._questions}
        self.wish(Submit())
        self.wait(60)
        assert self.page.view.receipt is not None, f"no receipt: {sorted(self.page.view.topics)}"
        assert self.store.uploads == {}, "an upload was left open"
        assert self.disk.is_empty, "the journal is not empty"
        receipts = {answer.question: answer for answer in self.page.view.receipt.answers}
        for ref, content in self.given.items():
            if content and ref.take == answers[ref.question].take and self.least.get(ref, 1):
                self._check_record(ref, receipts[ref.question])

    def _check_record(self, ref: UploadRef, receipt: AnswerRecord) -> None:
        assert self._is_stored(ref), f"{ref} is not in the store"
        stored = AnswerRecord.model_validate_json(self.store.documents[document_of(ref.question, ref.take)])
        assert stored == receipt, "answer.json is not what was submitted"
        record, content = stored.tracks[ref.track], self.store.objects[key_of(ref)]
        digest = hashlib.sha256(content).hexdigest()
        assert (record.key, record.size, record.sha256) == (key_of(ref), len(content), digest)

    def _left(self) -> list[str]:
        figures = self.page.view.figures
        rows = [f"{row.upload}: {row.state.name} {row.problem}" for row in figures.tracks]
        return [*rows, *(f"{question}: answer.json" for question in figures.unstored)]

    def close(self) -> None:
        self.loop.end()

    def pause(self, *, is_paused: bool) -> None:
        self.wish(PauseUploads() if is_paused else ResumeUploads())


def _bytes(ref: UploadRef, offset: int, size: int) -> bytes:
    """Return bytes that fit nowhere else: one in the wrong place is seen."""
    return Random(f"{ref}{offset}").randbytes(size)
