"""A signer that answers from the fake store, or when the test says so."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

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
from tests.support.fake_store import FakeStore
from tests.support.held import Held, until


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

    async def begin_probe(self) -> ConnectionProbe:
        return cast("ConnectionProbe", await self._ask("begin_probe", None, self.store.begin_probe))

    async def end_probe(self, upload: str) -> None:
        await self._ask("end_probe", upload, lambda: None)

    async def create(self, request: CreateUpload) -> UploadGrant:
        return cast("UploadGrant", await self._ask("create", request, lambda: self.store.create(request)))

    async def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts:
        return cast("SignedParts", await self._ask("sign", (upload, parts), lambda: self.store.sign(upload, parts)))

    async def sign_stream(self, request: SignStream) -> SignedUrl:
        return cast("SignedUrl", await self._ask("sign_stream", request, lambda: self.store.sign_stream(request)))

    async def list(self, upload: str, after: int) -> StoredParts:
        return cast("StoredParts", await self._ask("list", (upload, after), lambda: self.store.list(upload, after)))

    async def fold(self, request: FoldParts) -> FoldedParts:
        return cast("FoldedParts", await self._ask("fold", request, lambda: self.store.fold(request)))

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

    async def report_efficiency(self, report: Efficiency) -> None:
        await self._ask("report_efficiency", report, lambda: None)

    def send_off(self, report: Efficiency) -> None:
        self.asked.append(("send_off", report))

    async def _ask(self, name: str, asked: Any, honest: Callable[[], Any]) -> Any:
        self.asked.append((name, asked))
        if name not in self.holding:
            await asyncio.sleep(0)
            return honest()
        call = Call(name, asked, honest)
        self._held.append(call)
        return await call.wait()
