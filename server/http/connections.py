"""Connections that send no whole request, or read no reply, are closed: uvicorn itself waits for them for ever."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

UNREAD_S = 60.0  # without a byte of the reply that the client has taken
HEAD_S = 20.0  # for a request's head; and, after an early reply, for what the client still sends of the body


class BoundedProtocol(H11Protocol):
    """Close a connection that has had nothing to answer for `HEAD_S` seconds, whatever it sends meanwhile.

    While a request is answered, request_body.py bounds how long its body may take.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start()

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and not self.cycle.response_complete:
            self._stop()

    def on_response_complete(self) -> None:
        self._start()  # first: what the base class does next may begin the next request
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        self._read()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._read()
        super().connection_lost(exc)

    def _start(self) -> None:
        self._stop()
        self._deadline = self.loop.call_later(HEAD_S, self._close)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _close(self) -> None:
        if self.conn.our_state not in (h11.ERROR, h11.CLOSED, h11.MUST_CLOSE):
            self.conn.send(h11.ConnectionClosed())
        self.transport.close()
