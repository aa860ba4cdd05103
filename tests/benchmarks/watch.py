"""When is an object in the store, whole? Looked at from beside, so that the page is not slowed by being asked."""

import threading
import time
from types import TracebackType
from typing import Self

from server.store.embedded import BUCKET
from tests.support.stack import Stack

PERIOD_S = 0.01
ASK_S = 0.03  # at most so often is the store itself asked about a file that still changes


class StoreWatch:
    """Note every size that objects below a prefix were seen with, and when.

    The store's folder says when it is worth asking; what counts is the store's own answer to HEAD.
    """

    def __init__(self, stack: Stack, prefix: str) -> None:
        self.seen: dict[str, list[tuple[float, int]]] = {}  # key → seconds since 1970 and size
        self._stack = stack
        self._folder = stack.data / BUCKET
        self._prefix = prefix
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="store-watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def stored_at(self, question: str, size: int) -> float | None:
        """Return when the recording of `question` was first seen with `size` bytes; None: not yet."""
        times = [
            at
            for key, seen in self.seen.items()
            if key.startswith(f"{self._prefix}/{question}/") and "/video." in key
            for at, seen_size in seen
            if seen_size == size
        ]
        return min(times, default=None)

    def _watch(self) -> None:
        asked_at: dict[str, float] = {}
        while not self._done.wait(PERIOD_S):
            for path in (self._folder / self._prefix).rglob("*.*"):
                key = str(path.relative_to(self._folder))
                if ".rclone_temp" in key or time.monotonic() - asked_at.get(key, 0) < ASK_S:
                    continue
                try:
                    size = path.stat().st_size
                except FileNotFoundError:
                    continue
                seen = self.seen.setdefault(key, [])
                if seen and seen[-1][1] == size:
                    continue
                asked_at[key] = time.monotonic()
                self._ask(key, seen)

    def _ask(self, key: str, seen: list[tuple[float, int]]) -> None:
        try:
            size = self._stack.s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"]
        except self._stack.s3.exceptions.ClientError:
            return  # its file is there, the store does not show it yet
        if not seen or seen[-1][1] != size:
            seen.append((time.time(), size))
