"""Send a body whose length is not known before it ends: `fetch` with a stream, which needs HTTP/2."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack
from typing import Any

import js
from pyodide.ffi import JsException, create_proxy, to_js

from app.browser.interop import js_errors, js_object, optional
from app.core.errors import Aborted, CaptivePortal, Stalled, StoreSilent, UploadError
from app.core.upload.responses import PutResponse, code_of

CHECK_S = 1.0  # time between two checks for a stall
_KINDS: dict[str, type[UploadError]] = {"AbortError": Aborted}


def can_stream() -> bool:
    """Return whether the browser sends streams.

    A browser that does reads `duplex`, and sets no Content-Type: one that does not takes the stream for a text.
    """
    was_read = False

    def duplex() -> str:
        nonlocal was_read
        was_read = True
        return "half"

    proxy = create_proxy(duplex)
    try:
        js_options = js_object(method="POST", body=js.ReadableStream.new())
        js.Object.defineProperty(js_options, "duplex", js_object(get=proxy))
        js_request = js.Request.new(js.location.href, js_options)
        return was_read and not js_request.headers.has("Content-Type")
    except JsException:  # Firefox before 2022 has no such streams at all
        return False
    finally:
        proxy.destroy()


class StreamRequest:
    """Own one streamed request: its source, its callback, its abort signal."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._undo = ExitStack()
        self._wanted = asyncio.Event()  # the browser can take more
        self._js_controller: Any = None  # of the stream; set before the constructor has ended
        self._is_sent = False  # True: the stream has ended, the reply is awaited
        self._waits_since: float | None = js.performance.now()  # for the network; None: the network waits for us
        pull = create_proxy(self._pull)
        self._undo.callback(pull.destroy)
        self._js_abort = js.AbortController.new()
        self._undo.callback(self._give_up)  # before `pull` goes: a stream that is given up asks for nothing
        start = create_proxy(self._start)
        # Nothing is taken in advance: what the browser has taken counts as on its way.
        js_body = js.ReadableStream.new(js_object(start=start, pull=pull), js_object(highWaterMark=0))
        start.destroy()
        self._js_options = js_object(
            method="PUT",
            body=js_body,
            duplex="half",
            headers=headers,
            cache="no-store",
            credentials="omit",
            redirect="error",
            signal=self._js_abort.signal,
        )
        self._url = url

    async def send(self, blocks: AsyncIterator[bytes], stall_timeout_s: float, reply_timeout_s: float) -> PutResponse:
        """Send every block as soon as it comes and the network takes it; return the reply.

        Raises what `blocks` raises, Stalled if nothing moves or the reply is late, CaptivePortal if a success is
        answered before the end, StoreSilent if the request ends without a reply.
        """
        feeding, replying = asyncio.ensure_future(self._feed(blocks)), asyncio.ensure_future(self._reply())
        try:
            while not replying.done():
                running = {replying} if feeding.done() else {replying, feeding}
                await asyncio.wait(running, timeout=CHECK_S, return_when=asyncio.FIRST_COMPLETED)
                if feeding.done():
                    feeding.result()
                if not replying.done():
                    self._check(stall_timeout_s, reply_timeout_s)
            reply = replying.result()
        finally:
            for task in (feeding, replying):
                task.cancel()
            await asyncio.gather(feeding, replying, return_exceptions=True)
        if reply.status == 200 and not self._is_sent:
            raise CaptivePortal("Somebody answered before the stream had ended.")
        return reply

    def close(self) -> None:
        """End the request if it still runs, then destroy the callback. May be called twice."""
        self._undo.close()

    async def _feed(self, blocks: AsyncIterator[bytes]) -> None:
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                self._waits_since = None
                block = await anext(blocks, None)
                self._waits_since = js.performance.now()
                if block is None:
                    self._is_sent = True
                    self._js_controller.close()
                    return
                self._js_controller.enqueue(to_js(block))
        finally:
            if isinstance(blocks, AsyncGenerator):
                await blocks.aclose()

    async def _reply(self) -> PutResponse:
        with js_errors("The stream", _KINDS, otherwise=StoreSilent):
            js_response = await js.fetch(self._url, self._js_options)
            text = str(await js_response.text())
        etag = optional(js_response.headers.get("ETag"))
        return PutResponse(
            status=int(js_response.status),
            code=code_of(text),
            retry_after=optional(js_response.headers.get("Retry-After")),
            etag=str(etag) if etag is not None else None,
            has_body=bool(text),
        )

    def _check(self, stall_timeout_s: float, reply_timeout_s: float) -> None:
        """Raise Stalled if the network has taken nothing for too long, or the reply is late."""
        if self._waits_since is None:
            return
        idle_s = (js.performance.now() - self._waits_since) / 1000
        if idle_s >= (reply_timeout_s if self._is_sent else stall_timeout_s):
            raise Stalled("The connection has gone quiet.")

    def _give_up(self) -> None:
        """End the request if it still runs.

        Chromium ends the body of an aborted request as if it were whole (measured with version 156: 38 times of 60), so
        that the store would keep a part that was cut off. A body that fails is never taken for a whole one (0 of 60),
        and one that has been closed arrives whole or not at all (91 of 91).
        """
        if self._is_sent:
            self._js_abort.abort()
        else:
            self._js_controller.error(js.Error.new("The stream was given up."))

    def _start(self, js_controller: Any) -> None:
        self._js_controller = js_controller

    def _pull(self, _js_controller: Any) -> None:
        self._wanted.set()
