"""The signer's own threads: calls that wait for the store must not delay the page's files."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio
import anyio.to_thread

from server.errors import StoreUnavailable

_Result = TypeVar("_Result")


class WorkerThreads:
    """Run at most `at_once` calls; others wait at most `wait_s` seconds."""

    def __init__(self, at_once: int, wait_s: float) -> None:
        self._wait_s = wait_s
        self._free = anyio.Semaphore(at_once)
        self._threads = anyio.CapacityLimiter(at_once)  # never blocks: `_free` is acquired first

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Run `work` on a thread. Raises StoreUnavailable if none is free in time: then all wait for the store."""
        try:
            with anyio.fail_after(self._wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise StoreUnavailable from None
        try:
            # Cancelled at the end of the grace alone: a store that hangs must not hold up the end, too.
            return await anyio.to_thread.run_sync(work, limiter=self._threads, abandon_on_cancel=True)
        finally:
            self._free.release()


class OneThread:
    """Run one piece of work after the other, always on the same thread; those who wait occupy no other.

    For large bodies: glibc keeps what a thread has freed for that thread, so that on 32 of them it would be kept 32
    times; and together they would hold up the event loop.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, name)

    async def run(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)
