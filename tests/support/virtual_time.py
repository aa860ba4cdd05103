"""An event loop whose time jumps to the next timer once nothing else can run: hours pass in milliseconds."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.support.fake_clock import FakeClock

T = TypeVar("T")


class _NeverWaits(selectors.SelectSelector):
    """Let the time that the loop wants to wait for have passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits, and nothing will ever happen")
        self.now += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Run coroutines in virtual time. Nothing runs between two calls of `run`: time stands still."""

    def __init__(self) -> None:
        self._never_waits = _NeverWaits()
        super().__init__(self._never_waits)

    def time(self) -> float:
        return self._never_waits.now

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        return self.run_until_complete(main)

    def advance(self, duration_s: float) -> None:
        """Let time pass, and everything happen that it brings."""
        self.run(asyncio.sleep(duration_s))

    def turn(self, turns: int) -> None:
        """Let at most so many steps happen: afterwards everybody stands wherever they were."""

        async def turned() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.run(turned())

    def end(self) -> None:
        """Cancel what still runs, and close."""
        left = asyncio.all_tasks(self)
        for task in left:
            task.cancel()
        if left:
            self.run(_gathered(left))
        self.close()


async def _gathered(tasks: set["asyncio.Task[Any]"]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


class LoopClock(FakeClock):
    """Tell the loop's own time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop

    def now(self) -> float:
        return self._loop.time()

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s)
