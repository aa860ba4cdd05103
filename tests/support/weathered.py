"""Signer and store behind a network with weather: requests take time, get lost, come late, come back wrong."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from app.contract import SignedUrl, Trouble
from app.contract.efficiency import Efficiency
from app.core.errors import CaptivePortal, NetworkFailed, Stalled, StoreSilent, UploadError
from app.core.media import Media
from app.core.upload.content_range import ContentRange
from app.core.upload.responses import PutResponse, error_of_response, proven_etag
from tests.support.fake_journal import bytes_of
from tests.support.fake_network import FakeTransport
from tests.support.fake_signer import FakeSigner
from tests.support.fake_store import GATEWAY, ORIGIN, FakeStore, key_of_request
from tests.support.ordered_store import PREFIX, OrderedStore
from tests.support.weather import Fault, Kind, Request, Weather

R = TypeVar("R")


@dataclass(slots=True)
class Passed:
    """One request, and what has become of it."""

    request: Request
    fault: Fault | None
    at: float
    sent: int = 0  # bytes that went out
    has_succeeded: bool = False


class Network:
    """Carry requests, each as the weather wills."""

    def __init__(self, weather: Weather, *, round_trip_s: float = 0.02, bytes_per_second: float = 1e9) -> None:
        self.weather = weather
        self.round_trip_s = round_trip_s
        self.bytes_per_second = bytes_per_second
        self.cut_requests_arrive = False  # those that the page itself broke off, or that went down with it
        self.passed: list[Passed] = []
        self.failing: dict[tuple[Kind, str], int] = {}  # operations whose last try has failed → tries so far

    async def carry(
        self,
        kind: Kind,
        about: str,
        size: int,
        deliver: Callable[[Fault | None], R],
        reply: Callable[[Fault, R | None], R],
        on_sent: Callable[[int], None] = lambda _: None,
    ) -> R:
        """Return what `deliver` gives, or what `reply` makes of a fault. Raises UploadError."""
        request = Request(kind, about, size, self.failing.get((kind, about), 0) + 1)
        fault = self.weather.of(request)
        passed = Passed(request, fault, asyncio.get_running_loop().time())
        self.passed.append(passed)
        self.failing[kind, about] = request.tries
        result = await self._go(passed, deliver, on_sent)
        if fault is not None:
            result = reply(fault, result)
        assert result is not None or kind is Kind.ABORT
        del self.failing[kind, about]
        passed.has_succeeded = True
        return result  # type: ignore[return-value]  # None is what an abort returns

    async def _go(
        self, passed: Passed, deliver: Callable[[Fault | None], R], on_sent: Callable[[int], None]
    ) -> R | None:
        fault, size, loop = passed.fault, passed.request.size, asyncio.get_running_loop()
        try:
            share = fault.share if fault is not None else 1.0
            await asyncio.sleep(self.round_trip_s / 2 + size * share / self.bytes_per_second)
        except asyncio.CancelledError:
            if self.cut_requests_arrive:
                loop.call_later(self.round_trip_s, _quietly, deliver, fault)
            raise
        passed.sent = round(size * share)
        on_sent(passed.sent)
        result = None
        if fault is None or fault.arrives or fault.loses_upload:
            result = deliver(fault)
        elif fault.late_s:
            loop.call_later(fault.silent_s + fault.late_s, _quietly, deliver, fault)
        await asyncio.sleep(fault.silent_s if fault is not None and fault.silent_s else self.round_trip_s / 2)
        return result

    @property
    def failed_first_tries(self) -> list[Passed]:
        return [one for one in self.passed if one.request.tries == 1 and not one.has_succeeded]


def _quietly(deliver: Callable[[Fault | None], Any], fault: Fault | None) -> None:
    """Let a request arrive that nobody waits for."""
    with suppress(UploadError):
        deliver(fault)


def _check_silence(fault: Fault) -> None:
    if fault.status == 0 and not fault.loses_upload:
        raise Stalled("The connection has gone quiet.") if fault.silent_s else NetworkFailed("The connection broke.")


class WeatheredSigner(FakeSigner):
    def __init__(self, store: FakeStore, network: Network) -> None:
        super().__init__(store)
        self._network = network

    async def report(self, trouble: Trouble) -> None:
        """No weather: nothing that a candidate waits for depends on it."""
        self.asked.append(("report", trouble))

    async def report_efficiency(self, report: Efficiency) -> None:
        """No weather, as for `report`."""
        self.asked.append(("report_efficiency", report))

    async def _ask(self, name: str, asked: Any, honest: Callable[[], Any]) -> Any:
        kind = Kind.SIGN if name == "sign_stream" else Kind(name)

        def deliver(fault: Fault | None) -> Any:
            if fault is not None and fault.loses_upload:
                self.store.uploads.pop(_handle(name, asked), None)
            return honest()

        self.asked.append((name, asked))
        answer = await self._network.carry(kind, _about(name, asked), 0, deliver, _signers_reply)
        if name == "sign":  # one call signs several parts, and so cures what others have asked for
            for part in asked[1]:
                self._network.failing.pop((kind, f"{asked[0]}/{part.number}"), None)
        if kind is Kind.FOLD:
            for part in asked.ahead:
                self._network.failing.pop((Kind.SIGN, f"{asked.upload}/{part.number}"), None)
        return answer


def _signers_reply(fault: Fault, result: Any) -> Any:
    _check_silence(fault)
    if fault.is_html:
        raise CaptivePortal("The answer did not come from the signer.")
    if fault.status:
        raise error_of_response("the signer", fault.status, "", fault.retry_after)
    return result


def _about(name: str, asked: Any) -> str:  # noqa: PLR0911  one flat case a call
    match name:
        case "create":
            return key_of_request(asked)
        case "sign":
            return f"{asked[0]}/{asked[1][0].number}"
        case "sign_stream":
            return f"{asked.upload}/{asked.number}"
        case "list":
            return f"{asked[0]}/{asked[1]}"
        case "sign_document":
            return f"{asked.question}/{asked.take}"
        case "submit":
            return ""
        case _:
            return _handle(name, asked)


def _handle(name: str, asked: Any) -> str:
    if name in ("sign", "list"):
        return str(asked[0])
    return str(asked.upload if name in ("complete", "fold", "sign_stream") else asked)


class _Unclear(Exception):
    """A reply came that does not tell what the store has."""


class WeatheredTransport(FakeTransport):
    """Believe a reply as the page's own transport does: `proven_etag` decides."""

    def __init__(self, store: FakeStore, network: Network) -> None:
        super().__init__(store)
        self._network = network

    async def put(
        self,
        target: SignedUrl,
        body: Media | bytes,
        md5: str,
        on_sent: Callable[[int], None] | None = None,
        *,
        has_md5_etags: bool = True,
    ) -> str:
        assert has_md5_etags is self._store.has_md5_etags
        content = body if isinstance(body, bytes) else bytes_of(body)
        path = target.url.partition("#")[0].removeprefix(f"{ORIGIN}/").removeprefix(f"{GATEWAY}/")
        kind, _, about = path.partition("/")

        def deliver(fault: Fault | None) -> PutResponse:
            if fault is not None and fault.loses_upload:
                self._store.uploads.pop(about.rpartition("/")[0], None)
            stored = bytes([content[0] ^ 1]) + content[1:] if fault is not None and fault.is_damaged else content
            self._store.put(target.url, stored)
            return PutResponse(200, etag=hashlib.md5(stored, usedforsecurity=False).hexdigest())

        def reply(fault: Fault, arrived: PutResponse | None) -> PutResponse:
            _check_silence(fault)
            etag = fault.etag or (arrived.etag if arrived is not None and not fault.is_html else None)
            told = PutResponse(fault.status, fault.code, fault.retry_after, etag, has_body=fault.is_html)
            self.believe(told, md5)  # it must not pass
            return told

        network = self._network
        told = await network.carry(Kind(kind), about, len(content), deliver, reply, on_sent or (lambda _: None))
        return self.believe(told, md5)

    async def put_in_order(
        self, target: SignedUrl, body: Media, place: ContentRange, on_sent: Callable[[int], None] | None = None
    ) -> int | None:
        """Send a part to a store that keeps the beginning of what breaks off."""
        store, content, handle = self._store, bytes_of(body), target.url.removeprefix(PREFIX)
        assert isinstance(store, OrderedStore)

        def deliver(fault: Fault | None) -> PutResponse:
            if fault is not None and fault.loses_upload:
                store.uploads.pop(handle, None)
            is_damaged = fault is not None and fault.is_damaged
            return store.put_in_order(handle, place, bytes([content[0] ^ 1]) + content[1:] if is_damaged else content)

        def reply(fault: Fault, arrived: PutResponse | None) -> PutResponse:
            _check_silence(fault)
            if arrived is not None and fault.status == 200:  # nothing in a true reply tells what has arrived
                return arrived
            told = PutResponse(fault.status, fault.code, fault.retry_after, has_body=fault.is_html)
            assert place.stored(told) is None, "this reply must not pass"
            raise _Unclear

        def note_sent(size: int) -> None:
            if size < len(content):
                store.cut_off(handle, place, content[:size])
            if on_sent is not None:
                on_sent(size)

        about = f"{handle}/{place.part.number}"
        try:
            told = await self._network.carry(Kind.PART, about, len(content), deliver, reply, note_sent)
        except _Unclear:
            return None
        return place.stored(told)

    async def stream(self, target: SignedUrl, blocks: AsyncIterator[bytes], md5: Callable[[], str]) -> str:
        """Pass a stream on once it is whole, as a gateway does. Only an outage breaks it before that."""
        content = b""
        async for block in blocks:
            content += block
            if self._network.weather.is_offline:
                raise StoreSilent("The line is dead.")
        return await self.put(target, content, md5())

    def believe(self, reply: PutResponse, md5: str) -> str:
        """Return the ETag of a reply that proves what was sent. Raises UploadError."""
        return proven_etag(reply, md5, {})
