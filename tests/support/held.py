"""Calls that are held until the test answers them. No real time, no luck."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

TURNS = 200  # of the event loop: what has not happened by then waits for something
R = TypeVar("R")
T = TypeVar("T")


async def settle(turns: int = TURNS) -> None:
    """Let everything run that can run."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def until(look: Callable[[], T | None], what: str) -> T:
    """Let things run until `look` sees something, and return it. Fails, instead of waiting for ever."""
    for _ in range(TURNS):
        if (seen := look()) is not None:
            return seen
        await asyncio.sleep(0)
    raise AssertionError(f"there was no {what}")


class Held(Generic[R]):
    """One call, waiting for the test's answer."""

    def __init__(self) -> None:
        self._reply: asyncio.Future[R] = asyncio.get_running_loop().create_future()

    def fail(self, error: Exception) -> None:
        self._reply.set_exception(error)

    @property
    def is_cancelled(self) -> bool:
        return self._reply.cancelled()

    @property
    def is_open(self) -> bool:
        return not self._reply.done()

    def _answer(self, reply: R) -> None:
        self._reply.set_result(reply)

    async def wait(self) -> R:
        return await self._reply
