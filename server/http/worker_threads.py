"""Threads that the signer's calls wait on: its own, so that whatever they wait for, the page's files are served."""

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from server.errors import StoreUnavailable

_Result = TypeVar("_Result")


class WorkerThreads:
    """Let so many work at once; let the others wait a little, and then come again later."""

    def __init__(self, at_once: int, wait_s: float) -> None:
        self._wait_s = wait_s
        self._free = anyio.Semaphore(at_once)
        self._threads = anyio.CapacityLimiter(at_once)  # never waited for: `_free` is asked before

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Do it on a thread. Raises StoreUnavailable where none is free in time: then all wait for the store."""
        try:
            with anyio.fail_after(self._wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise StoreUnavailable from None
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._threads)
        finally:
            self._free.release()
