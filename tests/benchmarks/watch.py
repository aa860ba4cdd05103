"""When is an object in the store, whole? Looked at from beside, so that the page is not slowed by being asked."""

import threading
import time
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from server.store.embedded import BUCKET
from tests.support.stack import Stack

PERIOD_S = 0.01
ASK_S = 0.03  # at most so often is the store itself asked about a file that still changes


class StoreWatch(ABC):
    """Note every size that objects below a prefix were seen with, and when; what counts is the store's own answer."""

    def __init__(self, stack: Stack, prefix: str, period_s: float = PERIOD_S) -> None:
        self.seen: dict[str, list[tuple[float, int]]] = {}  # key → seconds since 1970 and size
        self._stack = stack
        self._prefix = prefix
        self._period_s = period_s
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

    @abstractmethod
    def expect(self) -> None:
        """Note that a recording has just stopped."""

    def stored_at(self, question: str, size: int) -> float | None:
        """Return when the recording of `question` was first seen with `size` bytes; None: not yet."""
        times = [at for key in self._keys(question) for at, seen_size in self.seen[key] if seen_size == size]
        return min(times, default=None)

    def key_of(self, question: str) -> str:
        """Return the key of a stored recording."""
        [key] = self._keys(question)
        return key

    def _keys(self, question: str) -> list[str]:
        return [key for key in [*self.seen] if key.startswith(f"{self._prefix}/{question}/") and "/video." in key]

    def _note(self, key: str, size: int) -> None:
        seen = self.seen.setdefault(key, [])
        if not seen or seen[-1][1] != size:
            seen.append((time.time(), size))

    @abstractmethod
    def _watch(self) -> None:
        """Look until `_done`."""


class FolderWatch(StoreWatch):
    """Of the embedded store: its folder says when it is worth asking."""

    def expect(self) -> None:
        """Do nothing: the folder is always looked at."""

    def _watch(self) -> None:
        asked_at: dict[str, float] = {}
        folder = self._stack.data / BUCKET
        while not self._done.wait(self._period_s):
            for path in (folder / self._prefix).rglob("*.*"):
                key = str(path.relative_to(folder))
                if ".rclone_temp" in key or time.monotonic() - asked_at.get(key, 0) < ASK_S:
                    continue
                try:
                    size = path.stat().st_size
                except FileNotFoundError:
                    continue
                if (seen := self.seen.get(key)) and seen[-1][1] == size:
                    continue
                asked_at[key] = time.monotonic()
                self._ask(key)

    def _ask(self, key: str) -> None:
        try:
            size = self._stack.s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"]
        except self._stack.s3.exceptions.ClientError:
            return  # its file is there, the store does not show it yet
        self._note(key, size)


class BucketWatch(StoreWatch):
    """Of any other store: it is asked what it has, but only after a Stop, so that it is hardly slowed."""

    def __init__(self, stack: Stack, prefix: str) -> None:
        super().__init__(stack, prefix)
        self._expecting = threading.Event()
        self._expected = 0

    def expect(self) -> None:
        self._expected += 1
        self._expecting.set()

    def _watch(self) -> None:
        while not self._done.wait(ASK_S):
            if not self._expecting.is_set():
                continue
            found = self._stack.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{self._prefix}/").get("Contents", [])
            recordings = [one for one in found if "/video." in one["Key"]]
            for one in recordings:
                self._note(one["Key"], one["Size"])
            if len(recordings) >= self._expected:
                self._expecting.clear()
