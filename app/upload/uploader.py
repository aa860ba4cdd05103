"""The async driver of a session's uploads: pass facts to the scheduler, carry out its commands."""

import asyncio
from collections.abc import Callable

from app.core.errors import UploadError
from app.core.ports import UploadPorts
from app.core.upload.commands import (
    Command,
    DropUpload,
    FinishUpload,
    FoldUpload,
    OpenUpload,
    ProbeEndpoints,
    ReconcileUpload,
    SendPart,
    StoreAnswer,
    StreamPart,
)
from app.core.upload.events import CommandFailed, EndpointsProbed, Fact, PartAcknowledged
from app.core.upload.progress import SessionProgress
from app.core.upload.recording_id import RecordingId
from app.core.upload.scheduler import Scheduler
from app.core.upload.snapshot import snapshot
from app.journal.journal import try_note
from app.upload.answer_documents import Documents
from app.upload.create import UploadCreator
from app.upload.finish import Finisher
from app.upload.fold import Folder
from app.upload.prefix_digest import PrefixDigests
from app.upload.reconcile import Reconciler
from app.upload.send import PartSender
from app.upload.signed_urls import SignedUrls
from app.upload.stream import StreamSender

LOOK_S = 1.0  # longest time between two snapshots while a command is running


class Uploader:
    """Carry out what `Scheduler` decides, each command in a task of its own."""

    def __init__(
        self,
        scheduler: Scheduler,
        ports: UploadPorts,
        *,
        urls: SignedUrls,
        on_fact: Callable[[Fact], None],
        on_progress: Callable[[SessionProgress], None],
    ) -> None:
        self.scheduler = scheduler
        self._ports = ports
        self._urls = urls
        self._on_fact = on_fact
        self._on_progress = on_progress
        self._wake = asyncio.Event()
        self._running: dict[asyncio.Task[None], Command] = {}
        cancel_parts = self._cancel_parts
        self._documents = Documents(ports, urls, recordings_in=scheduler.recordings_in, settled=self.settled)
        self._creator = UploadCreator(scheduler, ports, tell=self.tell, cancel_parts=cancel_parts)
        digests = PrefixDigests(ports.journal, ports.digester)
        self._sender = PartSender(scheduler, ports, urls, digests, tell=self.tell, cancel_parts=cancel_parts)
        self._streams = StreamSender(scheduler, ports, urls, tell=self.tell, cut_short=self._sender.cut_short)
        if not ports.transport.can_stream:
            scheduler.stream_health.give_up()
        self._reconciler = Reconciler(scheduler, ports, digests)
        self._folder = Folder(scheduler, ports, urls)
        self._finisher = Finisher(scheduler, ports, urls, cancel_parts=cancel_parts)

    def tell(self, fact: Fact) -> None:
        """Apply a fact to the scheduler, pass it to `on_fact` and wake the loop."""
        self.scheduler.apply(fact, self._ports.clock.now(), self._ports.randomness.jitter())
        self._on_fact(fact)
        self.wake()

    def wake(self) -> None:
        """Make the loop ask the scheduler again, after a change from outside."""
        self._wake.set()

    async def run(self) -> None:
        """Upload until cancelled; running commands are then cancelled too."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._wake.clear()
                now = self._ports.clock.now()
                for command in self.scheduler.next_commands(now):
                    task = tasks.create_task(self._carry_out(command))
                    self._running[task] = command
                    task.add_done_callback(self._running.pop)
                self._streams.wake()
                self._on_progress(snapshot(self.scheduler, self._ports.clock.now()))
                await self._sleep(now)

    async def _sleep(self, now: float) -> None:
        """Wait for a fact, or until a back-off has passed.

        `now` is the time of the last `next_commands`; a later time could miss a back-off that ended in between.
        """
        wake_at = self.scheduler.next_wake(now)
        if self._running:  # the snapshot must also be renewed while no fact arrives
            wake_at = min(wake_at or now + LOOK_S, now + LOOK_S)
        if wake_at is None:
            await self._wake.wait()
            return
        alarm = asyncio.create_task(self._ports.clock.sleep(wake_at - now))
        alarm.add_done_callback(lambda done: None if done.cancelled() else self._wake.set())
        try:
            await self._wake.wait()
        finally:
            alarm.cancel()

    async def _carry_out(self, command: Command) -> None:
        try:
            fact = await self._perform(command)
        except UploadError as error:
            self._fail(command, error)
            return
        if self.scheduler.awaits(command):
            self.tell(fact)
        self.wake()
        if isinstance(fact, PartAcknowledged):
            await self._settle(fact)

    async def _settle(self, fact: PartAcknowledged) -> None:
        """Note an acknowledged part in the journal and release its memory, while the next part is being sent."""
        upload = self.scheduler.uploads.get(fact.upload)
        await try_note(self._ports.journal, fact)
        if upload is not None and (stored := upload.parts.acknowledged.get(fact.number)) is not None:
            await self._ports.journal.release(fact.upload, stored[0].offset, stored[0].size)

    async def settled(self, ref: RecordingId) -> None:
        """Wait until the journal has noted every acknowledged part of a recording.

        Call this only while no part of the recording is in flight.
        """
        noting = [task for task, command in self._running.items() if _is_part_of(command, ref)]
        if noting:
            await asyncio.wait(noting)

    def _fail(self, command: Command, error: UploadError) -> None:
        upload = (
            None if isinstance(command, StoreAnswer | ProbeEndpoints) else self.scheduler.uploads.get(command.upload)
        )
        before = upload.created if upload is not None else None
        self.tell(CommandFailed(command, error))
        if upload is not None and before is not None and upload.created is None:  # the upload begins again
            self._urls.forget(before)
            self._cancel_parts(command)  # their replies would count for the next upload
            self._ports.journal.hold(upload.ref, 0, upload.recorded)

    async def _perform(self, command: Command) -> Fact:  # noqa: PLR0911  one flat case a command
        match command:
            case OpenUpload():
                return await self._creator.open(command)
            case SendPart():
                return await self._sender.send(command)
            case StreamPart():
                return await self._streams.send(command)
            case FoldUpload():
                return await self._folder.fold(command)
            case FinishUpload():
                return await self._finisher.finish(command)
            case ReconcileUpload():
                await self.settled(command.upload)  # or a late `settle` would release bytes that the store lacks
                return await self._reconciler.reconcile(command)
            case DropUpload():
                return await self._finisher.drop(command)
            case StoreAnswer():
                return await self._documents.store(command.record)
            case ProbeEndpoints():
                return EndpointsProbed(await self._ports.endpoints.look())

    def _cancel_parts(self, command: Command) -> list[asyncio.Task[None]]:
        """Cancel sending and folding of `command`'s upload; return all other running tasks of that upload."""
        if isinstance(command, StoreAnswer | ProbeEndpoints):
            return []
        others = [
            task for task, other in self._running.items() if _is_about(other, command.upload) and other != command
        ]
        for task in others:
            if isinstance(self._running[task], SendPart | StreamPart | FoldUpload):
                task.cancel()
        return others


def _is_about(command: Command, ref: RecordingId) -> bool:
    return not isinstance(command, StoreAnswer | ProbeEndpoints) and command.upload == ref


def _is_part_of(command: Command, ref: RecordingId) -> bool:
    return isinstance(command, SendPart | StreamPart) and command.upload == ref
