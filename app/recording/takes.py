"""Preparing, recording, stopping, playing back and giving up takes."""

import asyncio
from collections.abc import Mapping

from app.contract import Question, Track, UploadPolicy
from app.core.notices import Notice, Topic
from app.core.ports import Media, Ports
from app.core.recording.devices import DeviceError
from app.core.session.answers import Answer, Move, MoveRefused, Phase
from app.core.upload.events import AnswerWritten, RecordingId, TakeDiscarded
from app.journal.keeping import forget, keep
from app.recording.devices import Devices
from app.recording.file_import import TOPICS, FileImport, may_choose
from app.recording.minimum_length import COUNTS_FROM_S, MinimumLength
from app.recording.playback import TakePlayback
from app.recording.quota_check import mind_room
from app.recording.signal_watch import EMPTY_TAKES, SignalWatch
from app.recording.take import Ending, Recorded, Take
from app.upload.uploader import Uploader

TICK_S = 0.25  # how often clocks and levels are shown
ENDS = {  # what to say of a take that ended otherwise than by Stop; the first that holds
    Ending.DEVICE_LOST: Topic.DEVICE_LOST,
    Ending.BROKEN: Topic.RECORDING_BROKE,
    Ending.NOTHING_CAME: Topic.NOTHING_COMES,
}
OF_A_TAKE = (Topic.CUT_OFF, Topic.PICTURE_TURNED, *EMPTY_TAKES, *ENDS.values())  # said of what is recorded


class Takes:
    """Run at most one take at a time. Every method returns at once; the rest happens in `tasks`."""

    def __init__(
        self,
        answers: Mapping[str, Answer],
        policy: UploadPolicy,
        ports: Ports,
        uploader: Uploader,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._answers = answers
        self._policy = policy
        self._ports = ports
        self.devices = Devices(ports, answers)
        self._uploader = uploader
        self._tasks = tasks
        self._take: Take | None = None  # None: nothing is being recorded
        self._recording: asyncio.Task[None] | None = None  # of the take under way or last made
        self._preparing: asyncio.Task[None] | None = None  # None: nobody is preparing
        self._playback = TakePlayback(ports)
        self._file_import = FileImport(ports)
        self._taking_in: asyncio.Task[None] | None = None  # of the file chosen last
        self._is_taking_in = False  # a chosen file is copied

    @property
    def is_recording(self) -> bool:
        return self._take is not None or self._is_taking_in

    @property
    def is_speaking(self) -> bool:
        """Whether the candidate is being recorded just now."""
        return any(answer.phase is Phase.RECORDING for answer in self._answers.values())

    @property
    def is_finishing(self) -> bool:
        """Whether a stopped recording's last bytes are on their way into the journal."""
        return self._take is not None and not self.is_speaking

    async def begin(self, question: Question) -> None:
        """Start the preparation time, or the recording where there is none or it is under way."""
        answer = self._answers[question.id]
        if not self._may_begin(answer) or not await self.devices.ready(question) or not self._may_begin(answer):
            return
        self._tasks.create_task(mind_room(question, self._policy, self._ports))
        if question.preparation_s and answer.phase is Phase.READY:
            answer.move(Move.PREPARE)
            self._preparing = self._tasks.create_task(self._prepare(question))
            self._show(answer)
        else:
            self._start(question)

    def _may_begin(self, answer: Answer) -> bool:
        is_open = answer.phase in (Phase.READY, Phase.PREPARING) and answer.takes_left > 0
        return is_open and not self.is_recording

    async def _prepare(self, question: Question) -> None:
        clock = self._ports.clock
        until = clock.now() + question.preparation_s
        while (left_s := until - clock.now()) > 0:
            self._ports.view.show_clock(question.id, question.preparation_s - left_s, left_s)
            await clock.sleep(min(TICK_S, left_s))
        self._preparing = None
        self._start(question)

    def cancel_preparation(self) -> None:
        """Leave the preparation time without recording. Nothing happens when none runs."""
        if self._preparing is not None:
            self._preparing.cancel()
            self._preparing = None
        for answer in self._answers.values():
            if answer.phase is Phase.PREPARING:
                answer.move(Move.DISCARD)
                self._show(answer)

    def _start(self, question: Question) -> None:
        if self._preparing is not None:
            self._preparing.cancel()
            self._preparing = None
        answer = self._answers[question.id]
        key = self._ports.randomness.recording_key(question.id)
        refs = [RecordingId(question.id, track, key) for track in question.tracks]
        recorders = {}
        try:
            for ref in refs:
                recorders[ref] = self._ports.media_devices.record(ref.track, self._policy)
        except DeviceError as error:
            for recorder in recorders.values():
                recorder.close()
            if answer.phase is Phase.PREPARING:
                answer.move(Move.DISCARD)
            self._ports.view.show_notice(Notice(error.topic, question.id))
            self._show(answer)
            return
        answer.move(Move.START)
        answer.key = key
        self._hide_news(question)
        ports = self._ports
        counting = MinimumLength(self._uploader.tell, lambda: self._replace_discarded(answer))
        self._take = Take(
            recorders,
            answer.take,
            journal=ports.journal,
            digester=ports.digester,
            clock=ports.clock,
            tell=counting.tell,
            refuse=ports.media_devices.refuse_format,
            record=lambda track: ports.media_devices.record(track, self._policy),
        )
        self._recording = self._tasks.create_task(self._record(question, self._take, counting))
        self._tasks.create_task(self._ports.page_lifecycle.keep_awake(True))
        self._uploader.wake()
        self._show(answer)

    def choose(self, question: Question, file: Media) -> None:
        """Take a file as the answer, where the question allows it and a recording might begin."""
        answer = self._answers[question.id]
        if self.is_recording or not may_choose(answer):
            return
        self._is_taking_in = True
        self._hide_news(question)
        self._taking_in = self._tasks.create_task(self._take_in(answer, file))
        self._uploader.wake()  # leaving would lose it now

    async def _take_in(self, answer: Answer, file: Media) -> None:
        taken = await self._file_import.take_in(answer, file)
        if taken is not None:
            told, recorded = taken
            self._replace_discarded(answer)
            for fact in told:
                self._uploader.tell(fact)
            await self._end(answer, {recorded.ref.track: recorded}, recorded.stopped.duration_s)
        self._is_taking_in = False
        self._uploader.wake()

    def _hide_news(self, question: Question) -> None:
        """Take back what was said of an earlier try."""
        said = (Topic.NOTHING_RECORDED, Topic.TOO_SHORT, Topic.CANNOT_RECORD)
        for topic in (*said, *OF_A_TAKE, *TOPICS.values()):
            self._ports.view.hide_notice(topic, question.id)

    def stop(self) -> None:
        """Stop the running take. Nothing happens without one."""
        for answer in self._answers.values():
            if self._take is not None and answer.phase is Phase.RECORDING:
                answer.move(Move.STOP)
                self._show(answer)
                self._take.stop()

    async def settle(self) -> bool:
        """Wait until a stopped take is whole in the journal. Return False if one is still being recorded."""
        if self.is_speaking:
            return False
        if self._recording is not None:
            await asyncio.wait({self._recording})
        return True

    async def settle_all(self) -> None:
        """Wait for a chosen file as well: it may come from a slow drive, and meanwhile the page goes on."""
        for task in (self._recording, self._taking_in):
            if task is not None:
                await asyncio.wait({task})

    def flush(self) -> None:
        """Journal at once what a running take holds."""
        if self._take is not None:
            self._take.flush()

    async def _record(self, question: Question, take: Take, counting: MinimumLength) -> None:
        answer = self._answers[question.id]
        signal_watch = SignalWatch(question, self._ports)
        ticking = self._tasks.create_task(self._tick(question, take, signal_watch))
        try:
            recorded = await take.run()
        finally:
            ticking.cancel()
            self._show_state(question.id, take)
            self._ports.view.hide_notice(Topic.BEGUN_ANEW, question.id)
        if answer.phase is Phase.RECORDING:  # it has ended by itself
            answer.move(Move.STOP)
            counting.count()
        is_stopped = all(one.ending is Ending.STOPPED for one in recorded.values()) and not take.is_begun_anew
        is_slip = take.elapsed_s < COUNTS_FROM_S and is_stopped
        if is_slip and not counting.counts:
            await self._drop(answer, recorded)
        else:
            counting.count()
            await self._end(answer, recorded, take.kept_s)
        signal_watch.conclude(is_kept=answer.phase is Phase.TAKEN)
        self._take = None
        self._tasks.create_task(self._ports.page_lifecycle.keep_awake(False))
        self._uploader.wake()  # only now is it told as safe

    async def _tick(self, question: Question, take: Take, signal_watch: SignalWatch) -> None:
        """Show the time, what is heard and what is not, and stop at the limit."""
        clock, answer = self._ports.clock, self._answers[question.id]
        while answer.phase is Phase.RECORDING:
            left_s = question.limit_s - take.elapsed_s
            self._ports.view.show_clock(question.id, take.elapsed_s, max(0.0, left_s))
            signal_watch.look(is_muted=take.is_muted)
            self._show_state(question.id, take)
            if left_s <= 0:
                self.stop()
                return
            await clock.sleep(min(TICK_S, left_s))

    def _show_state(self, question: str, take: Take) -> None:
        if take.is_begun_anew:
            self._ports.view.show_notice(Notice(Topic.BEGUN_ANEW, question))
        if take.is_turned:
            self._ports.view.show_notice(Notice(Topic.PICTURE_TURNED, question))
        if take.is_muted:
            self._ports.view.show_notice(Notice(Topic.DEVICE_MUTED, question))
        else:
            self._ports.view.hide_notice(Topic.DEVICE_MUTED, question)

    async def _end(self, answer: Answer, recorded: dict[Track, Recorded], elapsed_s: float) -> None:
        question = answer.question.id
        # First of all the uploads: the last part need not wait for what the disk has to do. The rows stay until
        # answer.json is told of, below, so the player still finds its bytes.
        for one in recorded.values():
            self._uploader.tell(one.stopped)
        given = frozenset(track for track, one in recorded.items() if one.size)
        if given:  # one of two tracks is better than none
            await asyncio.gather(self._playback.offer(question, recorded), self._note_ends(recorded))
            answer.keep(given, elapsed_s)
            if answer.is_stored:  # already; nobody has told of it, as nobody knew which tracks there would be
                self._uploader.tell(AnswerWritten(answer.record()))
        else:
            await self._note_ends(recorded)
            answer.move(Move.DISCARD)
        self._say_how_it_ended(question, recorded, elapsed_s if given else None)
        self._show(answer)

    def _say_how_it_ended(self, question: str, recorded: dict[Track, Recorded], kept_s: float | None) -> None:
        """Say one thing, or nothing where all went as it should; None: nothing is kept."""
        endings = {one.ending for one in recorded.values()}
        topic = next((topic for ending, topic in ENDS.items() if ending in endings), None)
        if topic is None or (topic is Topic.NOTHING_COMES and kept_s is not None):  # one of two tracks is all right
            if kept_s is None:
                self._ports.view.show_notice(Notice(Topic.NOTHING_RECORDED, question))
            return
        self._ports.view.show_notice(Notice(topic, question, elapsed_s=kept_s))
        self._ports.media_devices.close()  # what is opened anew may work again

    async def _drop(self, answer: Answer, recorded: dict[Track, Recorded]) -> None:
        """Leave nothing of a take that was stopped too early to be meant. No upload has heard of it."""
        for one in recorded.values():
            await forget(self._ports.journal, one.ref)
        answer.move(Move.DISCARD)
        self._ports.view.show_notice(Notice(Topic.TOO_SHORT, answer.question.id))
        self._show(answer)

    async def _note_ends(self, recorded: dict[Track, Recorded]) -> None:
        """Let the journal know that recordings have ended; an empty one leaves nothing behind."""
        for one in recorded.values():
            if one.size:
                await keep(self._ports.journal, one.stopped)  # else a reload finds it open, and closes it
            else:
                await forget(self._ports.journal, one.ref)

    def retake(self, question: str) -> None:
        """Have the last take not count, stored or not. Nothing happens if none is left."""
        answer = self._answers[question]
        try:
            discarded = answer.discard()
        except MoveRefused:
            return  # a second click, or a button that was late to be disabled
        self._playback.put_away(question)
        for topic in OF_A_TAKE:  # what they say is kept does not count any more
            self._ports.view.hide_notice(topic, question)
        self._uploader.scheduler.put_aside(question, discarded.key)
        self._settle_discarding(answer, discarded.take)

    def restore(self, question: str) -> None:
        """Have the discarded take count again. Nothing happens if there is none, or another is being made."""
        answer = self._answers[question]
        try:
            answer.restore()
        except MoveRefused:
            return
        self._hide_news(answer.question)
        self._playback.bring_back(question)
        self._uploader.scheduler.bring_back(question, answer.key)
        if answer.is_stored:  # its last bytes may have arrived meanwhile, and then nobody was told
            self._uploader.tell(AnswerWritten(answer.record()))
        self._settle_discarding(answer, 0)

    def remember_discarded(self, answer: Answer) -> None:
        """Have the journal know by what number a discarded take goes now."""
        if answer.discarded is not None:
            self._tasks.create_task(self._keep_discarding(TakeDiscarded(answer.question.id, answer.discarded.take)))

    def _settle_discarding(self, answer: Answer, take: int) -> None:
        """Have the journal know which take is discarded, or a reload would show another state than was left."""
        self._tasks.create_task(self._keep_discarding(TakeDiscarded(answer.question.id, take)))
        self._uploader.wake()
        self._show(answer)

    async def _keep_discarding(self, fact: TakeDiscarded) -> None:
        await keep(self._ports.journal, fact)

    def _replace_discarded(self, answer: Answer) -> None:
        """Give the discarded take up for good: another one counts now."""
        if (gone := answer.replace()) is not None:
            self._playback.close(answer.question.id)
            self._uploader.scheduler.give_up(answer.question.id, gone.key, gone.take)

    def close(self) -> None:
        """Stop everything that hears or sees, or is about to."""
        self.cancel_preparation()
        self.devices.stop_asking()
        self.stop()
        self._playback.close_all()
        self._ports.media_devices.close()

    def _show(self, answer: Answer) -> None:
        self._ports.view.show_answer(answer.view())
