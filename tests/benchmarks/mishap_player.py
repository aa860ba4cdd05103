"""Let mishaps happen to a real page, through the fault proxies before signer and store."""

import threading
import time
from collections.abc import Sequence

from tests.benchmarks.mishaps import Mishap, What
from tests.support.faults.faulty_stack import FaultyStack
from tests.support.faults.rules import Answer, Rule

_BUSY = Answer(503, {"Content-Type": "application/xml"}, b"<Error><Code>SlowDown</Code></Error>")


class MishapPlayer:
    """Play mishaps `speed` times as fast as life, from `begin` on, until they are over or `end` is called."""

    def __init__(self, faults: FaultyStack, mishaps: Sequence[Mishap], speed: float) -> None:
        self._roads = (faults.signer, faults.store)
        self._mishaps = mishaps
        self._speed = speed
        self._is_busy = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._play, name="mishaps")

    def begin(self) -> None:
        for road in self._roads:
            road.add(Rule(_BUSY, when=lambda _: self._is_busy, times=None))
        self._thread.start()

    def end(self) -> None:
        """Let nothing happen any more."""
        self._done.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _play(self) -> None:
        begun = time.monotonic()
        for mishap in self._mishaps:
            if self._done.wait(max(0.0, begun + mishap.at_s / self._speed - time.monotonic())):
                return
            self._meet(mishap)

    def _meet(self, mishap: Mishap) -> None:
        if mishap.what is What.BUSY:
            self._is_busy = True
        else:
            for road in self._roads:
                road.down()
        self._done.wait(mishap.lasts_s / self._speed)
        if mishap.what is What.BUSY:
            self._is_busy = False
        else:
            for road in self._roads:
                road.up()
