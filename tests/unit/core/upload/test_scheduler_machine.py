"""Random facts, failures, wishes and reloads: what must hold whatever happens."""

from contextlib import suppress

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
from app.core.errors import NetworkFailed, UploadLost
from app.core.upload.commands import DropUpload, FinishUpload, ProbeEndpoints, ReconcileUpload, SendPart
from app.core.upload.events import AnswerWritten, EndpointsProbed, RecordingEnded, Restored
from app.core.upload.recording_id import RecordingId
from app.core.upload.refusals import Reached
from app.core.upload.steps import StepRefused, StepState
from tests.support.fake_store import audio, video
from tests.support.far_end import FarEnd
from tests.support.scheduling import ERRORS, PART, Board, KeepingBoard, note

REFS = [video("q1"), audio("q1"), video("q2"), video("q4"), audio("q4")]


class SchedulerMachine(FarEnd, RuleBasedStateMachine):
    """The test is store, signer, journal and candidate at once; commands wait in `running` until it answers them."""

    @initialize(mode=st.sampled_from(UploadMode), parallel_parts=st.integers(1, 4))
    def begin(self, mode, parallel_parts):
        self.board = KeepingBoard(mode, parallel_parts)
        self.running = []
        self.ended: set[RecordingId] = set()  # they give no more bytes
        self.stopped: set[RecordingId] = set()
        self.given_up: set[RecordingId] = set()
        self.shown: dict[RecordingId, int] = {}
        self.stored, self.objects, self.unheard = {}, set(), set()

    # The candidate.

    @rule(ref=st.sampled_from(REFS), size=st.integers(1, 35))
    def record(self, ref, size):
        if ref not in self.ended | self.stopped | self.given_up:
            self.board.record(ref, size)

    @rule(ref=st.sampled_from(REFS))
    def end(self, ref):
        if ref in self.uploads and ref not in self.stopped | self.given_up:
            self.ended.add(ref)
            self.board.tell(RecordingEnded(ref))

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
        self.board.scheduler.abandon("q1", "1", 1)
        self.given_up |= set(REFS[:2]) & self.uploads.keys()

    @rule(is_paused=st.booleans())
    def pause(self, is_paused):
        self.board.scheduler.is_paused = is_paused

    @rule(is_online=st.booleans())
    def network(self, is_online):
        self.board.scheduler.set_online(is_online)

    @rule()
    def retry(self):
        self.board.scheduler.retry()

    @rule()
    def submit(self):
        self.board.scheduler.is_submitting = True

    # Time, and the driver.

    @rule(duration_s=st.floats(0, 40))
    def wait(self, duration_s):
        self.board.now += duration_s

    @rule()
    def look(self):
        was_paused = self.board.scheduler.is_paused
        sending = self.sending
        for command in self.board.commands():
            assert command not in self.running
            assert not was_paused or isinstance(command, DropUpload | ProbeEndpoints)
            if isinstance(command, SendPart):
                self._check_sending(command)
            if isinstance(command, FinishUpload):
                assert self.uploads[command.upload].reconciling.state is StepState.DONE
                assert self.uploads[command.upload].stopped is not None
            if isinstance(command, DropUpload):  # the driver cancels what is on its way
                self.forget(command.upload)
            self.running.append(command)
        if self.board.scheduler.is_offline:
            assert self.sending <= max(1, sending)

    def _check_sending(self, command: SendPart) -> None:
        ref, number = command.upload, command.part.number
        assert number not in self.uploads[ref].parts.acknowledged
        assert ref not in self.given_up
        assert self.uploads[ref].reconciling.state is StepState.DONE
        assert number not in self.stored[ref] or (ref, number) in self.unheard, "the store has it, and has said so"

    # Store and signer.

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def succeed(self, data):
        self.do(self.running.pop(data.draw(st.integers(0, len(self.running) - 1))))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), error=st.sampled_from(ERRORS), jitter=st.floats(0, 0.999), arrives=st.booleans())
    def fail(self, data, error, jitter, arrives):
        command = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        if isinstance(error, UploadLost) and isinstance(command, SendPart | FinishUpload | ReconcileUpload):
            if command.upload in self.objects:
                error = NetworkFailed("no store forgets an object")
            else:
                self.lose(command.upload)
        elif arrives and isinstance(command, SendPart):
            self.stored[command.upload].add(command.part.number)  # only the reply was lost
            self.unheard.add((command.upload, command.part.number))
        elif arrives and isinstance(command, FinishUpload) and self.fits(command):
            self.objects.add(command.upload)
        self.board.fail(command, error, jitter)
        if isinstance(command, SendPart) and self.uploads[command.upload].created is None:
            self.forget(command.upload)  # refused, and begun again with smaller parts

    @precondition(lambda self: self.running)
    @rule(signer=st.booleans(), store=st.booleans())
    def find(self, signer, store):
        if ProbeEndpoints() in self.running:
            self.running.remove(ProbeEndpoints())
            self.board.tell(EndpointsProbed(Reached(signer, store)))

    @precondition(lambda self: any(self.stored.values()))
    @rule(data=st.data())
    def lose_a_part(self, data):
        ref = data.draw(st.sampled_from(sorted((ref for ref, parts in self.stored.items() if parts), key=str)))
        if ref not in self.objects:
            self.stored[ref].discard(data.draw(st.sampled_from(sorted(self.stored[ref]))))

    # The page goes, and comes again.

    @rule(unkept=st.integers(0, 2))
    def reload(self, unkept):
        """The last acknowledgements may not have come to the journal: the page went in that moment."""
        for _ in range(unkept):
            self.board.forget_last_acknowledgement()
        for command in self.running:
            if isinstance(command, SendPart):
                self.unheard.discard((command.upload, command.part.number))
        self.running, self.shown, self.unheard = [], {}, set()
        self.board = self.board.reloaded()
        for fact in self.board.replay():
            with suppress(StepRefused):  # told twice
                Board.tell(self.board, fact)
        if self.given_up:
            self.board.scheduler.abandon("q1", "1", 1)
        self.board.tell(Restored())
        for ref in self.uploads.keys() - self.stopped:
            self.stopped.add(ref)
            self.board.stop(ref)

    # What must hold.

    @invariant()
    def every_byte_is_in_exactly_one_place(self):
        for upload in self.uploads.values():
            if upload.created is None:
                assert not any((upload.parts.queue, upload.parts.tried, upload.parts.acknowledged))
                continue
            parts = [*upload.parts.queue]
            parts += [sent.part for sent in upload.parts.tried.values()]
            parts += [part for part, _ in upload.parts.acknowledged.values()]
            parts.sort(key=lambda part: part.number)
            assert [part.number for part in parts] == list(range(1, len(parts) + 1))
            assert [part.offset for part in parts] == [PART * (part.number - 1) for part in parts]
            assert upload.parts.acknowledged_size == sum(part.size for part, _ in upload.parts.acknowledged.values())
            uncut = upload.recorded - sum(part.size for part in parts)
            assert uncut == (0 if upload.has_ended else upload.recorded % PART)

    @invariant()
    def never_more_in_flight_than_allowed(self):
        assert self.sending <= self.board.scheduler.policy.parallel_parts

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
            assert {row.upload for row in progress.tracks} <= self.objects

    def teardown(self):
        """Once nothing fails any more, everything comes to its end."""
        scheduler = self.board.scheduler
        for ref in self.uploads.keys() - self.stopped - self.given_up:
            self.board.stop(ref)
        scheduler.is_paused, scheduler.is_submitting = False, True
        scheduler.retry()
        for _ in range(300):
            self.look()
            if not self.running:
                wake = scheduler.next_wake(self.board.now)
                if wake is None:
                    break
                self.board.now = wake
            for command in list(self.running):
                self.running.remove(command)
                self.do(command)
            self.every_byte_is_in_exactly_one_place()
        assert self.board.progress.is_safe
        assert not (self.uploads.keys() & self.given_up)
        assert all(upload.is_completed for upload in self.uploads.values())
        assert all(step.state is StepState.DONE for step in scheduler.steps())
        assert not (self.stored.keys() - self.objects - self.given_up), "an upload was left open"


def test_whatever_happens_every_byte_arrives_once():
    run_state_machine_as_test(
        SchedulerMachine, settings=settings(max_examples=100, stateful_step_count=50, deadline=None)
    )
