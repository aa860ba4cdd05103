"""Random facts, failures and wishes: what must hold whatever happens."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.contract import UploadMode
from app.core.errors import (
    Aborted,
    Corrupted,
    NetworkFailed,
    StoreBusy,
    UploadError,
    UploadLost,
    UrlExpired,
    UrlRejected,
)
from app.core.events import (
    AnswerStored,
    AnswerWritten,
    Command,
    DropUpload,
    FinishUpload,
    OpenUpload,
    PartAcknowledged,
    SendPart,
    StoreAnswer,
    UploadAborted,
    UploadCompleted,
    UploadRef,
)
from app.core.steps import StepState
from tests.core.scheduling import PART, Board, note
from tests.fake_store import audio, video

REFS = [video("q1"), audio("q1"), video("q2")]
ERRORS: list[UploadError] = [
    NetworkFailed("reset"),
    StoreBusy("busy", 7),
    Corrupted("bits"),
    UrlExpired("403"),
    UploadLost("gone"),
    Aborted("cancelled"),
    UrlRejected("no"),
]


class SchedulePlay(RuleBasedStateMachine):
    """The test is store, signer and candidate at once; commands wait in `running` until it answers them."""

    @initialize(mode=st.sampled_from(UploadMode), parallel_parts=st.integers(1, 4))
    def begin(self, mode, parallel_parts):
        self.board = Board(mode, parallel_parts)
        self.running: list[Command] = []
        self.stopped: set[UploadRef] = set()
        self.given_up: set[UploadRef] = set()
        self.shown: dict[UploadRef, int] = {}

    # The candidate.

    @rule(ref=st.sampled_from(REFS), size=st.integers(1, 35))
    def record(self, ref, size):
        if ref not in self.stopped and ref not in self.given_up:
            self.board.record(ref, size)

    @rule(ref=st.sampled_from(REFS))
    def stop(self, ref):
        if ref in self.uploads and ref not in self.stopped and ref not in self.given_up:
            self.stopped.add(ref)
            self.board.stop(ref)

    @rule(text=st.sampled_from(["a", "b", "c"]))
    def write(self, text):
        self.board.tell(AnswerWritten(note("q3", text)))

    @rule()
    def give_up(self):
        self.board.schedule.give_up("q1", 1)
        self.given_up |= set(REFS[:2]) & self.uploads.keys()

    @rule(is_paused=st.booleans())
    def pause(self, is_paused):
        self.board.schedule.is_paused = is_paused

    @rule(is_online=st.booleans())
    def network(self, is_online):
        self.board.schedule.set_online(is_online)

    @rule()
    def retry(self):
        self.board.schedule.retry()

    @rule()
    def submit(self):
        self.board.schedule.is_submitting = True

    # Time, and the driver.

    @rule(duration_s=st.floats(0, 40))
    def wait(self, duration_s):
        self.board.now += duration_s

    @rule()
    def look(self):
        was_paused = self.board.schedule.is_paused
        for command in self.board.commands():
            assert command not in self.running
            assert not was_paused or isinstance(command, DropUpload)
            if isinstance(command, SendPart):
                assert command.part.number not in self.uploads[command.upload].acknowledged
                assert command.upload not in self.given_up
            if isinstance(command, DropUpload):  # the driver cancels what is on its way
                self._forget(command.upload)
            self.running.append(command)

    # Store and signer.

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def succeed(self, data):
        self._succeed(self.running.pop(data.draw(st.integers(0, len(self.running) - 1))))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), error=st.sampled_from(ERRORS), jitter=st.floats(0, 0.999))
    def fail(self, data, error, jitter):
        command = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        if isinstance(error, UploadLost) and isinstance(command, SendPart | FinishUpload):
            self._forget(command.upload)  # the driver cancels the other parts of a lost upload
        self.board.fail(command, error, jitter)

    # What must hold.

    @invariant()
    def every_byte_is_in_exactly_one_place(self):
        for upload in self.uploads.values():
            if upload.created is None:
                assert not any((upload.queue, upload.tried, upload.acknowledged))
                continue
            parts = [*upload.queue]
            parts += [sent.part for sent in upload.tried.values()]
            parts += [part for part, _ in upload.acknowledged.values()]
            parts.sort(key=lambda part: part.number)
            assert [part.number for part in parts] == list(range(1, len(parts) + 1))
            assert [part.offset for part in parts] == [PART * (part.number - 1) for part in parts]
            uncut = upload.recorded - sum(part.size for part in parts)
            assert uncut == (0 if upload.stopped else upload.recorded % PART)

    @invariant()
    def never_more_in_flight_than_allowed(self):
        sends = [command for command in self.running if isinstance(command, SendPart)]
        assert len(sends) <= self.board.schedule.policy.parallel_parts

    @invariant()
    def progress_never_runs_backwards(self):
        for row in self.board.progress.tracks:
            assert self.shown.get(row.upload, 0) <= row.acknowledged <= row.recorded
            self.shown[row.upload] = row.acknowledged

    @invariant()
    def safe_means_that_nothing_is_left(self):
        progress = self.board.progress
        if progress.is_safe:
            assert progress.backlog == 0
            assert not progress.unstored

    def teardown(self):
        """Once nothing fails any more, everything comes to its end."""
        schedule = self.board.schedule
        for ref in self.uploads.keys() - self.stopped - self.given_up:
            self.board.stop(ref)
        schedule.is_paused, schedule.is_submitting = False, True
        schedule.retry()
        for _ in range(300):
            self.look()
            if not self.running:
                wake = schedule.next_wake(self.board.now)
                if wake is None:
                    break
                self.board.now = wake
            for command in list(self.running):
                self.running.remove(command)
                self._succeed(command)
            self.every_byte_is_in_exactly_one_place()
        assert self.board.progress.is_safe
        assert not (self.uploads.keys() & self.given_up)
        assert all(upload.is_completed for upload in self.uploads.values())
        assert all(step.state is StepState.DONE for step in schedule.steps())

    # Helpers.

    @property
    def uploads(self):
        return self.board.schedule.uploads

    def _forget(self, ref: UploadRef) -> None:
        self.running = [one for one in self.running if not (isinstance(one, SendPart) and one.upload == ref)]

    def _succeed(self, command: Command) -> None:
        match command:
            case OpenUpload(upload=ref):
                self.board.open(ref)
            case SendPart(upload=ref, part=part):
                self.board.tell(PartAcknowledged(ref, part.number, "e" * 32))
            case FinishUpload(upload=ref, parts=parts, size=size):
                assert sum(part.size for part, _ in parts) == size
                self.board.tell(UploadCompleted(ref, "key", size))
            case DropUpload(upload=ref):
                self.board.tell(UploadAborted(ref))
            case StoreAnswer(record=record):
                self.board.tell(AnswerStored(record))


def test_whatever_happens_every_byte_arrives_once():
    run_state_machine_as_test(SchedulePlay, settings=settings(max_examples=60, stateful_step_count=40, deadline=None))
