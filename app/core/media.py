"""The core's handle on recorded bytes."""

from typing import Protocol


class Media(Protocol):
    """An opaque handle on recorded bytes: a JS Blob in the page. Never the bytes themselves."""

    @property
    def size(self) -> int: ...
