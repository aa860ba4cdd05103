"""All ports on one page. The adapters in app/browser, the page and `HostChannel` implement them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from app.contract import (
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    InterviewGrant,
    PartToSign,
    SignDocument,
    SignedDocument,
    SignedParts,
    SignedUrl,
    StoredParts,
    Submission,
    SubmissionReceipt,
    Trouble,
    UploadGrant,
)
from app.core.media import Media
from app.core.recording.ports import Files, MediaDevices, Playback
from app.core.session.screen import Screen
from app.core.upload.events import ChunkJournalled, Fact, Noted, RecordingId
from app.core.upload.progress import SessionProgress
from app.core.upload.refusals import Reached


class Clock(Protocol):
    def now(self) -> float:
        """Return seconds on a clock that never goes back; its zero means nothing."""

    def wall_now(self) -> float:
        """Return seconds by the computer's own clock: only to notice that it has slept. It may jump."""

    async def sleep(self, duration_s: float) -> None: ...


class Randomness(Protocol):
    def jitter(self) -> float:
        """Return a number from 0 to below 1, even over that range."""

    def nonce(self) -> str:
        """Return 32 hexadecimal digits nobody has had before."""

    def recording_key(self, question: str) -> str:
        """Return a key that no take at this question has had, on any visit."""


class Signer(Protocol):
    """The signer's calls. Each raises an UploadError and may be repeated."""

    async def interview(self) -> InterviewGrant: ...
    async def claim(self) -> None: ...
    async def create(self, request: CreateUpload) -> UploadGrant: ...
    async def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts: ...
    async def list(self, upload: str, after: int) -> StoredParts: ...
    async def complete(self, request: CompleteUpload) -> CompletedObject: ...
    async def abort(self, upload: str) -> None: ...
    async def sign_document(self, request: SignDocument) -> SignedDocument: ...
    async def submit(self, submission: Submission) -> SubmissionReceipt: ...

    async def report(self, trouble: Trouble) -> None:
        """Let the operator read in the signer's log what only they can mend."""


class Transport(Protocol):
    async def put(
        self, target: SignedUrl, body: Media | bytes, md5: str, on_sent: Callable[[int], None] | None = None
    ) -> str:
        """Send `body` whole and return the ETag, which equals `md5` (both 32 hexadecimal digits).

        `on_sent` gets the number of bytes newly handed to the network, again and again.

        Raises:
            UploadError: Retryable, Fatal or Aborted, as to what may be done about it.
        """


class Endpoints(Protocol):
    async def look(self) -> Reached:
        """Ask signer and store something small, at the same time. Whatever comes back is an answer; never raises."""


class Console(Protocol):
    """Whoever builds or runs the page, and looks into the browser's console; candidates do not."""

    def say(self, sentence: str) -> None: ...


class Journal(Protocol):
    """The page's own copy of recordings, from the recorder until their object is complete."""

    @property
    def is_durable(self) -> bool:
        """False when a reload would lose what is in it."""

    async def append(self, fact: ChunkJournalled, chunk: Media) -> None:
        """Add a chunk; it is kept once this returns: durably, or else in memory, and `is_durable` is False."""

    async def read(self, upload: RecordingId, offset: int, size: int) -> Media:
        """Return a handle on `size` bytes from `offset` on. Raises RecordingGone if they are not there.

        Raises JournalUnread if nobody can say just now.
        """

    async def release(self, upload: RecordingId, offset: int, size: int) -> None:
        """Let memory of these bytes go: the store has acknowledged them. A durable journal keeps its rows."""

    def hold(self, upload: RecordingId, offset: int, size: int) -> None:
        """Want bytes again that were released: the store has lost them. What was in memory alone stays gone."""

    async def note(self, fact: Noted) -> None:
        """Keep a fact, so that `replay` can tell it again. Raises JournalFull."""

    async def replay(self) -> list[Fact]:
        """Return every fact that is kept, chunks included, in the order in which they happened."""

    async def forget(self, upload: RecordingId) -> None:
        """Drop all that is kept of `upload`. Nothing happens if there is nothing. Raises JournalFull."""

    async def clear(self) -> None:
        """Drop everything: the session is closed. Raises JournalFull."""

    async def space(self) -> float | None:
        """Return how many more bytes can be kept; None if nobody says."""

    async def persist(self) -> None:
        """Ask that what is kept is not cleared when the disk gets full. It may be refused."""


class Digester(Protocol):
    def blocks(self, media: Media) -> AsyncIterator[bytes]:
        """Yield the bytes of `media` in order, at most 1 MiB at a time. Raises JournalUnread."""


class SessionLock(Protocol):
    """One tab a session, so that two never write the same upload."""

    async def acquire(self, on_lost: Callable[[], None], *, take_over: bool = False) -> bool:
        """Return whether this tab has the session now. `on_lost`, which must only enqueue: another tab took it."""

    def close(self) -> None: ...


class Network(Protocol):
    def is_online(self) -> bool:
        """Return what the browser believes. It may be wrong."""

    def on_change(self, listener: Callable[[bool], None]) -> None: ...


class PageLifecycle(Protocol):
    """What happens to the page itself: leaving, hiding, sleeping."""

    def guard(self, is_unsaved: bool) -> None:
        """Have the browser ask before the page is left, or no longer."""

    async def keep_awake(self, is_needed: bool) -> None:
        """Keep the screen on, where the browser can."""

    def on_put_away(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the page is hidden or left."""

    def on_return(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the page is seen again."""


class SessionObserver(Protocol):
    """Who follows a session without changing it: host messages, notices, reports. `at` is in clock seconds."""

    def note(self, event: Fact, at: float) -> None: ...

    def show(self, progress: SessionProgress, at: float) -> None:
        """Take the figures as they are shown, many times a second."""


class Host(SessionObserver, Protocol):
    """The page that embeds this one, and is told how the session goes."""

    def open(self, grant: InterviewGrant) -> None:
        """The session begins."""

    def show_receipt(self, receipt: SubmissionReceipt) -> None: ...


@dataclass(frozen=True)
class UploadPorts:
    """What uploads need from outside."""

    signer: Signer
    transport: Transport
    endpoints: Endpoints
    journal: Journal
    digester: Digester
    clock: Clock
    randomness: Randomness


@dataclass(frozen=True)
class Ports(UploadPorts):
    """Everything outside, handed to the drivers as one."""

    console: Console
    media_devices: MediaDevices
    files: Files
    playback: Playback
    network: Network
    page_lifecycle: PageLifecycle
    view: Screen
    host: Host
