"""An uploader between fakes: what the driver tests talk to."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.contract import UploadMode, UploadPolicy
from app.core.ports import UploadPorts
from app.core.upload.events import ChunkJournalled, Fact, RecordingStarted, RecordingStopped, Restored
from app.core.upload.progress import SessionProgress
from app.core.upload.recording_id import RecordingId
from app.core.upload.scheduler import Scheduler
from app.upload.signed_urls import SignedUrls
from app.upload.uploader import Uploader
from tests.support.fake_clock import FakeClock, FakeRandomness
from tests.support.fake_journal import FakeDigester, FakeJournal, FakeMedia
from tests.support.fake_network import FakeEndpoints, FakeTransport
from tests.support.fake_signer import FakeSigner
from tests.support.fake_store import GATEWAY, ORIGIN, FakeStore
from tests.support.held import settle


def content(size: int) -> bytes:
    """Return `size` bytes, each other than its neighbours: what is out of place differs."""
    return bytes(place % 251 for place in range(size))


class Desk:
    """Everything around one uploader. `history` has every fact twice: when the journal kept it, when it was told."""

    def __init__(self, policy: UploadPolicy, store: FakeStore | None = None, *, can_stream: bool = True) -> None:
        self.policy = policy
        self.history: list[tuple[str, Any]] = []
        self.clock = FakeClock()
        self.randomness = FakeRandomness()
        self.store = store or FakeStore()
        self.signer = FakeSigner(self.store)
        self.transport = FakeTransport(self.store)
        self.transport.can_stream = can_stream
        self.endpoints = FakeEndpoints()
        self.journal = FakeJournal(self.history)
        self.scheduler = Scheduler(policy)
        self.progress: list[SessionProgress] = []
        ports = UploadPorts(
            signer=self.signer,
            transport=self.transport,
            endpoints=self.endpoints,
            journal=self.journal,
            digester=FakeDigester(),
            clock=self.clock,
            randomness=self.randomness,
        )
        self.uploader = Uploader(
            self.scheduler,
            ports,
            urls=SignedUrls(self.signer, self.clock, ORIGIN, policy.sign_ahead, GATEWAY),
            on_fact=lambda fact: self.history.append(("told", fact)),
            on_progress=self.progress.append,
        )

    async def record(self, ref: RecordingId, content: bytes) -> None:
        """Let a recorder have given `content`."""
        if not self.journal.recorded(ref):
            await self.keep(RecordingStarted(ref, "video/webm", int(ref.key)))
        fact = ChunkJournalled(ref, len(content), 1.0)
        await self.journal.append(fact, FakeMedia(content))
        self.uploader.tell(fact)

    async def stop(self, ref: RecordingId) -> None:
        await self.stop_with(ref, self.journal.recorded(ref))

    async def stop_with(self, ref: RecordingId, whole: bytes) -> None:
        """Let the recording have ended, of which the device need not have all bytes any more."""
        await self.keep(RecordingStopped(ref, hashlib.sha256(whole).hexdigest(), 1.0))

    async def keep(self, fact: RecordingStarted | RecordingStopped) -> None:
        await self.journal.note(fact)
        self.uploader.tell(fact)

    async def restore(self, journal: FakeJournal) -> None:
        """Begin as a reloaded page does, with what an earlier desk's journal has on its disk."""
        self.journal.disk.stores = journal.disk.stores
        for fact in await self.journal.replay():
            self.uploader.tell(fact)
        self.uploader.tell(Restored())

    def told(self, kind: type[Fact]) -> list[Any]:
        return [fact for how, fact in self.history if how == "told" and isinstance(fact, kind)]

    async def settle(self) -> None:
        await settle()

    @property
    def last(self) -> SessionProgress:
        return self.progress[-1]


@asynccontextmanager
async def uploading(
    *,
    mode: UploadMode = UploadMode.PROGRESSIVE,
    parallel_parts: int = 2,
    sign_ahead: int = 4,
    store: FakeStore | None = None,
    can_stream: bool = True,
) -> AsyncIterator[Desk]:
    """Run an uploader; fail if it has broken, and see that it leaves no task behind."""
    desk = Desk(
        UploadPolicy(mode=mode, parallel_parts=parallel_parts, sign_ahead=sign_ahead), store, can_stream=can_stream
    )
    before = asyncio.all_tasks()
    running = asyncio.create_task(desk.uploader.run())
    try:
        yield desk
        await settle()
    finally:
        has_broken = running.done()
        running.cancel()
        (outcome,) = await asyncio.gather(running, return_exceptions=True)
        if has_broken:
            assert isinstance(outcome, BaseException)
            raise outcome
    await settle()
    assert asyncio.all_tasks() == before, "the uploader left tasks behind"
