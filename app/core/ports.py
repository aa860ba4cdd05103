"""The ports of a session. app/browser, app/journal, the page and `HostChannel` implement them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from app.contract import (
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    FoldedParts,
    FoldParts,
    InterviewGrant,
    PartToSign,
    SignDocument,
    SignedDocument,
    SignedParts,
    SignedUrl,
    SignStream,
    StoredParts,
    Submission,
    SubmissionReceipt,
    Trouble,
    UploadGrant,
)
from app.contract.connection import ConnectionProbe
from app.contract.efficiency import Efficiency
from app.core.media import Media
from app.core.metrics.instruments import Instruments
from app.core.recording.ports import Files, MediaDevices, Playback
from app.core.recording.rung_choice import LinkHints
from app.core.session.screen import Screen
from app.core.upload.content_range import ContentRange
from app.core.upload.events import ChunkJournalled, Fact, Noted
from app.core.upload.progress import SessionProgress
from app.core.upload.recording_id import RecordingId
from app.core.upload.refusals import Reached


class Clock(Protocol):
    def now(self) -> float:
        """Return the time in seconds on a clock that never goes back; its zero point has no meaning."""

    def wall_now(self) -> float:
        """Return the time in seconds on the computer's clock, which may jump. Use it only to detect sleep."""

    async def sleep(self, duration_s: float) -> None: ...


class Randomness(Protocol):
    def jitter(self) -> float:
        """Return a random number from 0 to below 1, uniformly distributed."""

    def nonce(self) -> str:
        """Return 32 random hexadecimal digits that were never used before."""

    def recording_key(self, question: str) -> str:
        """Return a key that no other take at this question has, in any visit."""


class Signer(Protocol):
    """The signer's calls. Each may raise an UploadError, and may be repeated."""

    async def interview(self) -> InterviewGrant: ...
    async def claim(self) -> None: ...
    async def begin_probe(self) -> ConnectionProbe: ...

    async def end_probe(self, upload: str) -> None:
        """Delete what a connection check has sent."""

    async def create(self, request: CreateUpload) -> UploadGrant: ...
    async def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts: ...
    async def list(self, upload: str, after: int) -> StoredParts: ...
    async def sign_stream(self, request: SignStream) -> SignedUrl: ...
    async def fold(self, request: FoldParts) -> FoldedParts: ...
    async def complete(self, request: CompleteUpload) -> CompletedObject: ...
    async def abort(self, upload: str) -> None: ...
    async def sign_document(self, request: SignDocument) -> SignedDocument: ...
    async def submit(self, submission: Submission) -> SubmissionReceipt: ...

    async def report(self, trouble: Trouble) -> None:
        """Report a problem that only the operator can fix; the signer logs it."""

    async def report_efficiency(self, report: Efficiency) -> None:
        """Have the session's efficiency.json written, or replaced."""

    def send_off(self, report: Efficiency) -> None:
        """As `report_efficiency`, for a page that is being closed: nobody learns whether it arrived. Never waits."""


class Transport(Protocol):
    async def put(
        self,
        target: SignedUrl,
        body: Media | bytes,
        md5: str,
        on_sent: Callable[[int], None] | None = None,
        *,
        has_md5_etags: bool = True,
    ) -> str:
        """Send the whole `body`; return its ETag.

        `md5` are 32 hexadecimal digits. If `has_md5_etags`, the ETag equals them; if not, `target` must sign them.
        `on_sent` is called repeatedly with the number of bytes handed to the network since its last call.

        Raises UploadError: Retryable, Fatal or Aborted.
        """

    async def put_in_order(
        self, target: SignedUrl, body: Media, place: ContentRange, on_sent: Callable[[int], None] | None = None
    ) -> int | None:
        """Send `body` as the part at `place`; return how many bytes of the object the store has now.

        None: its reply does not tell. Bytes that the store had already do no harm. Raises UploadError.
        """

    @property
    def can_stream(self) -> bool:
        """Whether the browser sends bodies whose length is not known before they end."""

    async def stream(self, target: SignedUrl, blocks: AsyncIterator[bytes], md5: Callable[[], str]) -> str:
        """Send `blocks` as one body, each as soon as it comes and the network takes it; return its ETag.

        The ETag equals what `md5` returns after the last block. Nothing reaches the store unless all blocks were sent.
        Raises UploadError, also what `blocks` raises.
        """


class Endpoints(Protocol):
    async def look(self) -> Reached:
        """Send a small request to signer and store at the same time. Any reply counts. Never raises."""


class Console(Protocol):
    """The browser's console, read by the people who build or run the page, not by candidates."""

    def say(self, sentence: str) -> None: ...


class Journal(Protocol):
    """The page's own copy of recordings, kept until their objects are complete."""

    @property
    def is_durable(self) -> bool:
        """False if a reload would lose what the journal holds."""

    async def append(self, fact: ChunkJournalled, chunk: Media) -> None:
        """Add a chunk. Once this returns, it is kept: durably, or else in memory, and then `is_durable` is False."""

    async def read(self, upload: RecordingId, offset: int, size: int) -> Media:
        """Return a handle on `size` bytes from `offset` on.

        Raises RecordingGone if they are gone, JournalUnread if the storage cannot be read at the moment.
        """

    async def release(self, upload: RecordingId, offset: int, size: int) -> None:
        """Release the memory of these bytes: the store has acknowledged them. A durable journal keeps its rows."""

    def hold(self, upload: RecordingId, offset: int, size: int) -> None:
        """Undo `release`: the store has lost these bytes. Bytes that were only in memory stay lost."""

    async def note(self, fact: Noted) -> None:
        """Store a fact for `replay`. Raises JournalFull."""

    async def replay(self) -> list[Fact]:
        """Return every stored fact, chunks included; those of a recording in an order in which they can happen."""

    async def forget(self, upload: RecordingId) -> None:
        """Delete everything that is stored of `upload`, if there is anything. Raises JournalFull."""

    async def clear(self) -> None:
        """Delete everything, because the session is closed. Raises JournalFull."""

    async def space(self) -> float | None:
        """Return how many more bytes can be stored; None if unknown."""

    async def keep(self, name: str, text: str) -> None:
        """Keep a text of the session under `name`, in place of the one before. Raises JournalFull."""

    async def kept(self, name: str) -> str | None:
        """Return the text that an earlier visit kept under `name`; None if there is none. Raises JournalUnread."""

    async def persist(self) -> None:
        """Request persistent storage, which is not cleared when the disk gets full. The browser may refuse."""


class Digester(Protocol):
    def blocks(self, media: Media) -> AsyncIterator[bytes]:
        """Yield the bytes of `media` in order, at most 1 MiB at a time. Raises JournalUnread."""


class WindowInstruments(Protocol):
    def read(self) -> Instruments:
        """Return what the browser measures of its own work."""

    def note_ready(self) -> None:
        """Note that the interview is shown; the first call counts."""


class SessionLock(Protocol):
    """Allow one tab per session: two tabs must never write the same upload."""

    async def acquire(self, on_lost: Callable[[], None], *, take_over: bool = False) -> bool:
        """Request the lock; return whether this tab has it.

        `on_lost` is called when another tab takes the lock over. It must only enqueue.
        """

    def close(self) -> None: ...


class Network(Protocol):
    def is_online(self) -> bool:
        """Return what the browser reports. It may be wrong."""

    def on_change(self, listener: Callable[[bool], None]) -> None: ...

    def hints(self) -> LinkHints:
        """Return what the browser says about the connection."""


class PageLifecycle(Protocol):
    """The page's lifecycle: leave, hide, return, and keep the screen on."""

    def guard(self, is_unsaved: bool) -> None:
        """Have the browser ask before the page is left if `is_unsaved`, else stop doing so."""

    async def keep_awake(self, is_needed: bool) -> None:
        """Keep the screen on if `is_needed`, and if the browser can."""

    def on_put_away(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the page is hidden or left."""

    def on_return(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the page is seen again."""


class SessionObserver(Protocol):
    """Follow a session without changing it: host messages, notices, reports. `at` is in clock seconds."""

    def note(self, event: Fact, at: float) -> None: ...

    def show(self, progress: SessionProgress, at: float) -> None:
        """Handle the progress that the page shows. Called many times a second."""


class Host(SessionObserver, Protocol):
    """The host page, which gets messages about the session."""

    def open(self, grant: InterviewGrant) -> None:
        """Note that the session begins."""

    def show_receipt(self, receipt: SubmissionReceipt, report: Efficiency | None) -> None: ...


@dataclass(frozen=True)
class UploadPorts:
    """The ports that uploads need."""

    signer: Signer
    transport: Transport
    endpoints: Endpoints
    journal: Journal
    digester: Digester
    clock: Clock
    randomness: Randomness


@dataclass(frozen=True)
class Ports(UploadPorts):
    """All ports that the drivers of a session need."""

    console: Console
    media_devices: MediaDevices
    files: Files
    playback: Playback
    network: Network
    page_lifecycle: PageLifecycle
    instruments: WindowInstruments
    view: Screen
    host: Host
