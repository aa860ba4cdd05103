"""The ports' other ends for tests: a call is held until the test answers it. No real time, no luck."""

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from app.contract import (
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    InterviewGrant,
    PartToSign,
    SignDocument,
    SignedDocument,
    SignedPart,
    SignedParts,
    SignedUrl,
    StoredParts,
    Submission,
    SubmissionReceipt,
    Trouble,
    UploadGrant,
)
from app.core.media import Media
from app.core.upload.refusals import Reached
from tests.support.fake_journal import bytes_of
from tests.support.fake_store import FakeStore

R = TypeVar("R")
T = TypeVar("T")
TURNS = 200  # of the event loop: what has not happened by then waits for something


async def settle(turns: int = TURNS) -> None:
    """Let everything run that can run."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def until(look: Callable[[], T | None], what: str) -> T:
    """Let things run until `look` sees something, and return it. Fails, instead of waiting for ever."""
    for _ in range(TURNS):
        if (seen := look()) is not None:
            return seen
        await asyncio.sleep(0)
    raise AssertionError(f"there was no {what}")


class Held(Generic[R]):
    """One call, waiting for the test's answer."""

    def __init__(self) -> None:
        self._reply: asyncio.Future[R] = asyncio.get_running_loop().create_future()

    def fail(self, error: Exception) -> None:
        self._reply.set_exception(error)

    @property
    def is_cancelled(self) -> bool:
        return self._reply.cancelled()

    @property
    def is_open(self) -> bool:
        return not self._reply.done()

    def _answer(self, reply: R) -> None:
        self._reply.set_result(reply)

    async def wait(self) -> R:
        return await self._reply


class Sleep(Held[None]):
    def __init__(self, clock: "FakeClock", duration_s: float) -> None:
        super().__init__()
        self._clock = clock
        self.duration_s = duration_s
        self.due = clock.now() + duration_s

    def wake(self) -> None:
        """Let its time have passed."""
        self._clock.time = max(self._clock.time, self.due)
        self._answer(None)


class FakeClock:
    """Stand still until the test moves it."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept_s = 0.0  # that `now` knows nothing of
        self._sleeps: list[Sleep] = []

    def now(self) -> float:
        return self.time

    def wall_now(self) -> float:
        return 1_800_000_000 + self.time + self.slept_s

    async def sleep(self, duration_s: float) -> None:
        sleep = Sleep(self, duration_s)
        self._sleeps.append(sleep)
        await sleep.wait()

    async def next_sleep(self) -> Sleep:
        """Return the sleep that ends first, once everything has run that can: a look at the figures ends with it."""
        await settle()
        return await until(self._first, "sleep")

    async def advance(self, duration_s: float) -> None:
        """Let time pass, and everything happen that it brings."""
        end = self.time + duration_s
        await settle()
        while (sleep := self._first()) is not None and sleep.due <= end:
            sleep.wake()
            await settle(TURNS // 5)
        self.time = end
        await settle()

    def _first(self) -> Sleep | None:
        self._sleeps = [sleep for sleep in self._sleeps if sleep.is_open]
        return min(self._sleeps, key=lambda sleep: sleep.due, default=None)


class FakeRandomness:
    """Draw what the test has laid down."""

    def __init__(self, jitter: float = 0.5, keys: Counter[str] | None = None) -> None:
        """`keys` counts each question's recordings on earlier visits."""
        self.next_jitter = jitter
        self._nonces = 0
        self._keys = keys if keys is not None else Counter[str]()

    def recording_key(self, question: str) -> str:
        self._keys[question] += 1
        return str(self._keys[question])

    def jitter(self) -> float:
        return self.next_jitter

    def nonce(self) -> str:
        self._nonces += 1
        return f"{self._nonces:032x}"


class FakeEndpoints:
    """Find who answers, as the test has laid down."""

    def __init__(self) -> None:
        self.reached = Reached(signer=True, store=True)
        self.looks = 0

    async def look(self) -> Reached:
        self.looks += 1
        await asyncio.sleep(0)
        return self.reached


class FakeConsole:
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


class Call(Held[Any]):
    """One call of the signer: what it asks, and what an honest signer would say."""

    def __init__(self, name: str, asked: Any, honest: Callable[[], Any]) -> None:
        super().__init__()
        self.name = name
        self.asked = asked
        self._honest = honest

    def answer(self, reply: Any = None) -> None:
        """Reply with `reply`; None: as an honest signer would."""
        self._answer(self._honest() if reply is None else reply)

    def lose_reply(self, error: Exception) -> None:
        """The signer has done it, and nobody hears of it."""
        self._honest()
        self.fail(error)


class FakeSigner:
    """Answer by itself from the store, but for the calls named in `holding`."""

    def __init__(self, store: FakeStore) -> None:
        self.store = store
        self.holding: set[str] = set()
        self.asked: list[tuple[str, Any]] = []  # every call, in order
        self._held: deque[Call] = deque()

    def calls(self, name: str) -> list[Any]:
        """Return what was asked by this name so far."""
        return [asked for other, asked in self.asked if other == name]

    async def next_call(self, name: str) -> Call:
        call = await until(lambda: next((call for call in self._held if call.name == name), None), f"{name} call")
        self._held.remove(call)
        return call

    async def interview(self) -> InterviewGrant:
        return cast("InterviewGrant", await self._ask("interview", None, self.store.interview))

    async def claim(self) -> None:
        await self._ask("claim", None, lambda: None)

    async def create(self, request: CreateUpload) -> UploadGrant:
        return cast("UploadGrant", await self._ask("create", request, lambda: self.store.create(request)))

    async def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts:
        return cast("SignedParts", await self._ask("sign", (upload, parts), lambda: self.store.sign(upload, parts)))

    async def list(self, upload: str, after: int) -> StoredParts:
        return cast("StoredParts", await self._ask("list", (upload, after), lambda: self.store.list(upload, after)))

    async def complete(self, request: CompleteUpload) -> CompletedObject:
        return cast("CompletedObject", await self._ask("complete", request, lambda: self.store.complete(request)))

    async def abort(self, upload: str) -> None:
        await self._ask("abort", upload, lambda: self.store.abort(upload))

    async def sign_document(self, request: SignDocument) -> SignedDocument:
        honest = lambda: self.store.sign_document(request)  # noqa: E731  as above
        return cast("SignedDocument", await self._ask("sign_document", request, honest))

    async def submit(self, submission: Submission) -> SubmissionReceipt:
        return cast("SubmissionReceipt", await self._ask("submit", submission, lambda: self.store.submit(submission)))

    async def report(self, trouble: Trouble) -> None:
        await self._ask("report", trouble, lambda: None)

    async def _ask(self, name: str, asked: Any, honest: Callable[[], Any]) -> Any:
        self.asked.append((name, asked))
        if name not in self.holding:
            await asyncio.sleep(0)
            return honest()
        call = Call(name, asked, honest)
        self._held.append(call)
        return await call.wait()


class Send(Held[str]):
    """One PUT under way."""

    def __init__(
        self, store: FakeStore, target: SignedUrl, body: Media | bytes, md5: str, on_sent: Callable[[int], None] | None
    ) -> None:
        super().__init__()
        self._store = store
        self._on_sent = on_sent
        self.target = target
        self.content = body if isinstance(body, bytes) else bytes_of(body)
        self.md5 = md5
        self.number = target.number if isinstance(target, SignedPart) else 0  # 0: a document
        self.size = len(self.content)

    def progress(self, size: int) -> None:
        assert self._on_sent is not None
        self._on_sent(size)

    def store(self) -> None:
        """Let the bytes reach the store; its reply is still on the way."""
        self._store.put(self.target.url, self.content)

    def acknowledge(self) -> None:
        self.store()
        self._answer(hashlib.md5(self.content, usedforsecurity=False).hexdigest())


class FakeTransport:
    """Hold parts until the test answers them; documents arrive by themselves unless `holds_documents`."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self.holds_parts = True
        self.holds_documents = False
        self.sends: list[Send] = []  # every one, in order
        self._held: deque[Send] = deque()

    async def put(
        self, target: SignedUrl, body: Media | bytes, md5: str, on_sent: Callable[[int], None] | None = None
    ) -> str:
        send = Send(self._store, target, body, md5, on_sent)
        self.sends.append(send)
        if self.holds_parts if send.number else self.holds_documents:
            self._held.append(send)
        else:
            send.acknowledge()
        return await send.wait()

    async def next_send(self) -> Send:
        """Return the next part on its way."""
        return await self._next(is_part=True)

    async def next_document(self) -> Send:
        return await self._next(is_part=False)

    @property
    def in_flight(self) -> list[Send]:
        return [send for send in self.sends if send.is_open]

    @property
    def part_numbers(self) -> list[int]:
        """Return the numbers of all parts sent so far, in order."""
        return [send.number for send in self.sends if send.number]

    async def _next(self, *, is_part: bool) -> Send:
        def look() -> Send | None:
            return next((send for send in self._held if send.is_open and bool(send.number) is is_part), None)

        send = await until(look, "part sent" if is_part else "document sent")
        self._held.remove(send)
        return send
