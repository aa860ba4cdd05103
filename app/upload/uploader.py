"""The async driver of a session's uploads: facts in, the schedule decides, commands are carried out."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from app.contract import CompleteUpload, PartToComplete, StoredState
from app.core.errors import (
    Aborted,
    Corrupted,
    EtagMissing,
    RecordingGone,
    TakeExists,
    UploadError,
    UploadLost,
    UrlExpired,
)
from app.core.ports import Clock, Digester, Endpoints, Journal, Randomness, Signer, Transport
from app.core.upload.events import (
    BytesSent,
    Command,
    CommandFailed,
    DropUpload,
    EndpointsProbed,
    Fact,
    FinishUpload,
    OpenUpload,
    PartAcknowledged,
    ProbeEndpoints,
    ReconcileUpload,
    RecordingCutShort,
    RecordingId,
    SendPart,
    StoreAnswer,
    UploadAborted,
    UploadCompleted,
    UploadCreated,
    UploadReconciled,
)
from app.core.upload.parts import Part
from app.core.upload.progress import SessionProgress
from app.core.upload.scheduler import Scheduler
from app.core.upload.snapshot import snapshot
from app.core.upload.upload import Disposition
from app.journal.journal import try_forget, try_note
from app.upload.answer_documents import Documents
from app.upload.checksums import md5_of, sha256_of
from app.upload.create import UploadCreator
from app.upload.reconcile import list_parts, proven
from app.upload.signed_urls import SignedUrls

LOOK_S = 1.0  # how often the figures are looked at while something is under way


class Uploader:
    """Carry out what `Scheduler` decides, each command in a task of its own."""

    def __init__(
        self,
        scheduler: Scheduler,
        *,
        signer: Signer,
        transport: Transport,
        ends: Endpoints,
        journal: Journal,
        digester: Digester,
        clock: Clock,
        randomness: Randomness,
        urls: SignedUrls,
        on_fact: Callable[[Fact], None],
        on_progress: Callable[[SessionProgress], None],
    ) -> None:
        self.scheduler = scheduler
        self._signer = signer
        self._transport = transport
        self._endpoints = ends
        self._journal = journal
        self._digester = digester
        self._clock = clock
        self._randomness = randomness
        self._urls = urls
        self._documents = Documents(signer, transport, journal, urls, scheduler.recordings_in)
        self._on_fact = on_fact
        self._on_progress = on_progress
        self._wake = asyncio.Event()
        self._running: dict[asyncio.Task[None], Command] = {}
        self._creator = UploadCreator(
            scheduler, signer, journal, randomness, tell=self.tell, cancel_parts=self._cancel_parts
        )

    def tell(self, fact: Fact) -> None:
        """Take a fact and let everybody know."""
        self.scheduler.apply(fact, self._clock.now(), self._randomness.jitter())
        self._on_fact(fact)
        self.wake()

    def wake(self) -> None:
        """Look again: the schedule has been changed from outside."""
        self._wake.set()

    async def run(self) -> None:
        """Upload until cancelled; what is under way then is cancelled too."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._wake.clear()
                now = self._clock.now()
                for command in self.scheduler.next_commands(now):
                    task = tasks.create_task(self._carry_out(command))
                    self._running[task] = command
                    task.add_done_callback(self._running.pop)
                self._on_progress(snapshot(self.scheduler, self._clock.now()))
                await self._sleep(now)

    async def _sleep(self, now: float) -> None:
        """Wait for a fact, or until a back-off has passed.

        `now` is when the schedule was asked last: what has become due since then would be waited for in vain.
        """
        wake_at = self.scheduler.next_wake(now)
        if self._running:  # what is shown must follow a silence, too
            wake_at = min(wake_at or now + LOOK_S, now + LOOK_S)
        if wake_at is None:
            await self._wake.wait()
            return
        alarm = asyncio.create_task(self._clock.sleep(wake_at - now))
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
        else:
            if self.scheduler.awaits(command):
                self.tell(fact)
            self.wake()

    def _fail(self, command: Command, error: UploadError) -> None:
        upload = (
            None if isinstance(command, StoreAnswer | ProbeEndpoints) else self.scheduler.uploads.get(command.upload)
        )
        before = upload.created if upload is not None else None
        self.tell(CommandFailed(command, error))
        if upload is not None and before is not None and upload.created is None:  # it begins again
            self._urls.forget(before)
            self._cancel_parts(command)  # their replies would be taken for the next upload's
            self._journal.hold(upload.ref, 0, upload.recorded)

    async def _perform(self, command: Command) -> Fact:  # noqa: PLR0911  one flat case a command
        match command:
            case OpenUpload():
                return await self._creator.open(command)
            case SendPart():
                return await self._send(command)
            case FinishUpload():
                return await self._finish(command)
            case ReconcileUpload():
                return await self._reconcile(command)
            case DropUpload():
                return await self._drop(command)
            case StoreAnswer():
                return await self._documents.store(command.record)
            case ProbeEndpoints():
                return EndpointsProbed(await self._endpoints.look())

    async def _send(self, command: SendPart) -> Fact:
        ref, part = command.upload, command.part
        created = self._created(ref)
        try:
            media = await self._journal.read(ref, part.offset, part.size)
        except RecordingGone as error:
            return await self._cut_short(command, error)
        md5 = await md5_of(self._digester, media)
        url = await self._urls.take(created, part, md5)
        try:
            etag = await self._transport.put(url, media, md5, lambda size: self.tell(BytesSent(ref, size)))
        except UrlExpired:
            self._urls.forget(created)  # its neighbours were signed in the same moment
            raise
        except EtagMissing:
            etag = await self._listed_etag(created, part, md5)
        fact = PartAcknowledged(ref, part.number, etag)
        await try_note(self._journal, fact)
        await self._journal.release(ref, part.offset, part.size)
        return fact

    async def _cut_short(self, command: SendPart, error: RecordingGone) -> Fact:
        """End a recording before bytes that are gone. Raises `error` where nothing is left of it, or it goes on."""
        ref, size = command.upload, command.part.offset + error.kept
        upload = self.scheduler.uploads.get(ref)  # None: given up while its bytes were looked for
        if size == 0 or upload is None or upload.stopped is None:
            raise error
        sha256 = await sha256_of(self._journal, self._digester, ref, size)
        self._cancel_parts(command)  # some of them may lie behind the new end
        return RecordingCutShort(ref, size, sha256)

    async def _listed_etag(self, created: UploadCreated, part: Part, md5: str) -> str:
        """Ask the signer for a part's ETag. Some proxies hide the header from a page although the bucket shows it.

        Raises Corrupted if the store does not have these very bytes, UploadLost if it has lost the upload.
        """
        page = await self._signer.list(created.handle, part.number - 1)
        if page.state is StoredState.UNKNOWN:
            raise UploadLost("The store no longer knows the upload.")
        if not any((one.number, one.size, one.etag) == (part.number, part.size, md5) for one in page.parts):
            raise Corrupted("The store does not have what was sent.")
        return md5

    async def _reconcile(self, command: ReconcileUpload) -> Fact:
        ref = command.upload
        created, upload = self._created(ref), self.scheduler.uploads[ref]
        etags = {number: etag for number, (_, etag) in upload.parts.acknowledged.items()}
        stored = await list_parts(self._signer, created.handle)
        if stored and upload.stopped is not None and max(stored) > upload.part_count:
            raise UploadLost("The store holds more than there is of this recording.")

        async def md5(part: Part) -> str | None:
            try:
                media = await self._journal.read(ref, part.offset, part.size)
            except RecordingGone:
                return None  # the recording is cut short when it would have to be sent
            return await md5_of(self._digester, media)

        known = upload.parts.known()
        parts = await proven(known, etags, stored, md5)
        await self._believe(ref, known, dict(parts), etags)
        return UploadReconciled(ref, parts)

    async def _believe(
        self, ref: RecordingId, known: list[Part], stored: dict[int, str], etags: dict[int, str]
    ) -> None:
        """Have the journal know what the store turned out to hold, and what not."""
        for part in known:
            if part.number not in stored:
                self._journal.hold(ref, part.offset, part.size)
                continue
            if part.number not in etags:
                await try_note(self._journal, PartAcknowledged(ref, part.number, stored[part.number]))
            await self._journal.release(ref, part.offset, part.size)

    async def _finish(self, command: FinishUpload) -> Fact:
        ref = command.upload
        created = self._created(ref)
        parts = tuple(PartToComplete(number=part.number, size=part.size, etag=etag) for part, etag in command.parts)
        try:
            done = await self._signer.complete(CompleteUpload(upload=created.handle, parts=parts, size=command.size))
        except TakeExists:  # begun again, it goes by the next take number
            raise UploadLost("Another device has stored this take meanwhile.") from None
        if (done.key, done.size) != (created.key, command.size):
            raise Corrupted("The store has put together another object than was recorded.")
        self._urls.forget(created)
        return UploadCompleted(ref, done.key, done.size)

    async def _drop(self, command: DropUpload) -> Fact:
        ref = command.upload
        # Parts are cancelled; the others are short, and what they have done must be known before we undo it.
        await asyncio.gather(*self._cancel_parts(command), return_exceptions=True)
        upload = self.scheduler.uploads[ref]
        if (opened := upload.created or upload.abandoned) is not None:
            self._urls.forget(opened)
            with suppress(UploadLost):  # then there is nothing to abort
                await self._signer.abort(opened.handle)
        await try_forget(self._journal, ref)
        return UploadAborted(ref)

    def _cancel_parts(self, command: Command) -> list[asyncio.Task[None]]:
        """Cancel the parts on their way for `command`'s upload; return all that is under way for it."""
        if isinstance(command, StoreAnswer | ProbeEndpoints):
            return []
        others = [
            task for task, other in self._running.items() if _is_about(other, command.upload) and other != command
        ]
        for task in others:
            if isinstance(self._running[task], SendPart):
                task.cancel()
        return others

    def _created(self, ref: RecordingId) -> UploadCreated:
        upload = self.scheduler.uploads.get(ref)
        if upload is None or upload.disposition is Disposition.ABANDONED:
            raise Aborted("The take was given up.")
        if upload.created is None:
            raise UploadLost("The store no longer knows the upload.")
        return upload.created


def _is_about(command: Command, ref: RecordingId) -> bool:
    return not isinstance(command, StoreAnswer | ProbeEndpoints) and command.upload == ref
