"""Check whether the store answers; concurrent callers share one request."""

import asyncio
from http import HTTPStatus

import anyio
import anyio.to_thread

from server.errors import StoreError, StoreUnavailable
from server.http.problem_details import RequestRefused
from server.store.storage import Storage

_FRESH_S = 1.0  # an answer is reused this long
_PATIENCE_S = 3.0  # a caller waits this long; the request to the store may take longer


class Health:
    """Ask the store on one thread, for any number of callers."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._thread = anyio.CapacityLimiter(1)
        self._asking: asyncio.Task[StoreError | None] | None = None
        self._answered_at = 0.0
        self._is_leaving = False

    def leave(self) -> None:
        """Report from now on that this signer is shutting down, so that a load balancer calls others."""
        self._is_leaving = True

    async def check(self) -> None:
        """Raise StoreError unless the store answers, or answered a moment ago; RequestRefused during a shutdown."""
        if self._is_leaving:
            raise RequestRefused(HTTPStatus.SERVICE_UNAVAILABLE, "This signer is shutting down.")
        clock = asyncio.get_running_loop()
        asking = self._asking
        if asking is None or (asking.done() and clock.time() - self._answered_at > _FRESH_S):
            asking = self._asking = asyncio.create_task(self._ask())
        await asyncio.wait({asking}, timeout=_PATIENCE_S)
        if not asking.done():
            raise StoreUnavailable
        if (error := asking.result()) is not None:
            raise error

    async def _ask(self) -> StoreError | None:
        try:
            await anyio.to_thread.run_sync(self._storage.check, limiter=self._thread, abandon_on_cancel=True)
        except StoreError as error:
            return error
        else:
            return None
        finally:
            self._answered_at = asyncio.get_running_loop().time()
