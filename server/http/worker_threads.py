"""The signer's own threads: calls that wait for the store must not delay the page's files."""

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
