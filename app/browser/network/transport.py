"""Send bytes to a signed URL; only the right ETag proves that the store has them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import js
from pyodide.ffi import to_js

from app.browser.interop import Listeners, optional
from app.browser.network.stream import StreamRequest, can_stream
from app.contract import SignedUrl, UploadPolicy
from app.core.errors import Stalled, StoreSilent
from app.core.upload.content_range import ContentRange
from app.core.upload.responses import PutResponse, code_of, proven_etag

CHECK_S = 1.0  # time between two checks of a request for a stall


class BrowserTransport:
    """Send parts with XMLHttpRequest and streams with `fetch`; give up a request that stalls.

    `fetch` reports no progress, XMLHttpRequest takes no stream, and no browser gives up a dead connection.
    """

    def __init__(self, policy: UploadPolicy) -> None:
        self.can_stream = can_stream()
        self._stall_timeout_s = policy.stall_timeout_s
        self._reply_timeout_s = policy.reply_timeout_s

    async def put(
        self,
        target: SignedUrl,
        body: Any,
        md5: str,
        on_sent: Callable[[int], None] | None = None,
        *,
        has_md5_etags: bool = True,
    ) -> str:
        """Send `body` (a Blob, or bytes) and return its ETag. Raises UploadError."""
        reply = await self._send(target, body, on_sent)
        return proven_etag(reply, md5, target.headers, has_md5_etags=has_md5_etags)

    async def put_in_order(
        self, target: SignedUrl, body: Any, place: ContentRange, on_sent: Callable[[int], None] | None = None
    ) -> int | None:
        headers = target.headers | {"Content-Range": place.header}
        return place.stored(await self._send(target.model_copy(update={"headers": headers}), body, on_sent))

    async def _send(self, target: SignedUrl, body: Any, on_sent: Callable[[int], None] | None) -> PutResponse:
        request = _Request(target, body, on_sent)
        try:
            status = await request.finish(self._stall_timeout_s, self._reply_timeout_s)
            return PutResponse(
                status=status,
                code=request.error_code(),
                retry_after=request.header("Retry-After"),
                etag=request.header("ETag"),
                has_body=request.has_body(),
                stored_range=request.header("Range"),
            )
        finally:
            request.close()

    async def stream(self, target: SignedUrl, blocks: AsyncIterator[bytes], md5: Callable[[], str]) -> str:
        request = StreamRequest(target.url, target.headers)
        try:
            reply = await request.send(blocks, self._stall_timeout_s, self._reply_timeout_s)
            return proven_etag(reply, md5(), target.headers)
        finally:
            request.close()


class _Request:
    """Own one XMLHttpRequest and its callbacks."""

    def __init__(self, target: SignedUrl, body: Any, on_sent: Callable[[int], None] | None) -> None:
        self._js_xhr = js.XMLHttpRequest.new()
        self._listeners = Listeners()
        self._ended = asyncio.get_running_loop().create_future()
        self._on_sent = on_sent
        self._sent = 0  # bytes handed to the network
        self._is_sent = False  # True: all bytes are handed over, the reply is awaited
        self._moved_at = js.performance.now()
        self._js_xhr.open("PUT", target.url)
        for name, value in target.headers.items():
            if name.lower() not in ("host", "content-length"):  # only the browser may set these
                self._js_xhr.setRequestHeader(name, value)
        self._listeners.add(self._js_xhr.upload, "progress", self._progressed)
        self._listeners.add(self._js_xhr.upload, "load", self._all_sent)
        self._listeners.add(self._js_xhr, "loadend", self._end)
        self._js_xhr.send(to_js(body) if isinstance(body, bytes) else body)

    async def finish(self, stall_timeout_s: float, reply_timeout_s: float) -> int:
        """Wait for the reply and return its status.

        Raises Stalled if nothing moves or the reply is late, StoreSilent if the request ends without a reply. After a
        cancellation, `close` aborts the request.
        """
        while not self._ended.done():
            await asyncio.wait({self._ended}, timeout=CHECK_S)
            idle_s = (js.performance.now() - self._moved_at) / 1000
            if not self._ended.done() and idle_s >= (reply_timeout_s if self._is_sent else stall_timeout_s):
                raise Stalled("The connection has gone quiet.")
        status = int(self._js_xhr.status)
        if status == 0:  # refused, reset, DNS or CORS failure: browsers do not tell the page which
            raise StoreSilent("The connection broke off.")
        return status

    def header(self, name: str) -> str | None:
        """Return a header of the reply; None if it is missing, or hidden from the page."""
        # Chromium logs an error to the console for every hidden header that is read by name.
        if f"\n{name.lower()}:" not in f"\n{self._js_xhr.getAllResponseHeaders()}":
            return None
        value = optional(self._js_xhr.getResponseHeader(name))
        return str(value) if value is not None else None

    def error_code(self) -> str:
        return code_of(str(self._js_xhr.responseText))

    def has_body(self) -> bool:
        return bool(self._js_xhr.responseText)

    def close(self) -> None:
        """Detach the callbacks, then abort the request if it still runs: an abort must not call them."""
        self._listeners.close()
        self._js_xhr.abort()

    def _progressed(self, js_event: Any) -> None:
        size = int(js_event.loaded) - self._sent
        self._sent += size
        self._moved_at = js.performance.now()
        if self._on_sent is not None and size > 0:
            self._on_sent(size)

    def _all_sent(self, _: Any) -> None:
        self._is_sent = True
        self._moved_at = js.performance.now()

    def _end(self, _: Any) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
