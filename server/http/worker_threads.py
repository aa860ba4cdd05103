"""The signer's own threads: calls that wait for the store do not hold up the page's files."""

from collections.abc import Callable
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
