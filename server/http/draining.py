"""SIGTERM: say so at /api/health, answer a while longer, then end; a load balancer calls other signers meanwhile."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import FrameType

from fastapi import FastAPI

from server.http.health import Health


def draining(health: Health, drain_s: float) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the application's lifespan, which delays SIGTERM by `drain_s` seconds; 0: not at all.

    uvicorn closes its port at once on SIGTERM: callers who have not noticed would be refused. Ctrl-C ends it at once.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ends = signal.getsignal(signal.SIGTERM)  # uvicorn's
        is_signalled = threading.current_thread() is threading.main_thread()  # as in uvicorn: tests use other threads
        if not (drain_s and is_signalled and callable(ends)):
            yield
            return
        signal.signal(signal.SIGTERM, _Delayed(health, drain_s, ends))
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, ends)

    return lifespan


class _Delayed:
    """Handle SIGTERM: the first one begins the delay, further ones change nothing."""

    def __init__(self, health: Health, drain_s: float, ends: Callable[[int, FrameType | None], object]) -> None:
        self._health = health
        self._drain_s = drain_s
        self._ends = ends
        self._loop = asyncio.get_running_loop()
        self._is_begun = False

    def __call__(self, number: int, _: FrameType | None) -> None:
        if self._is_begun:
            return
        self._is_begun = True
        self._loop.call_soon_threadsafe(self._begin, number)  # a signal comes between any two instructions

    def _begin(self, number: int) -> None:
        self._health.leave()
        self._loop.call_later(self._drain_s, self._ends, number, None)
