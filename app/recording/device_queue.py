"""A queue of requests for camera or microphone."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable


class DeviceQueue:
    """Run one request at a time without blocking anything else: a permission prompt may stay open for ever."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._waiting: deque[tuple[Hashable, Callable[[], Awaitable[object]]]] = deque()  # the first one is running
        self._worker: asyncio.Task[None] | None = None  # None: nothing was added yet

    def add(self, key: Hashable, carry_out: Callable[[], Awaitable[object]]) -> None:
        """Run `carry_out` after the requests already added; do nothing if one with this key waits or runs."""
        if any(key == other for other, _ in self._waiting):
            return
        self._waiting.append((key, carry_out))
        if len(self._waiting) == 1:
            self._worker = self._tasks.create_task(self._work(self._worker))

    def drop(self) -> None:
        """Cancel the running request and drop the waiting ones: the candidate wants something else now."""
        self._waiting.clear()
        if self._worker is not None:
            self._worker.cancel()

    async def _work(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})  # `drop` may have cancelled it a moment ago
        while self._waiting:
            await self._waiting[0][1]()
            self._waiting.popleft()
