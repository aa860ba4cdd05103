"""Bytes behind JS Blobs: read a little at a time, or lent to a player."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import js
from pyodide.ffi import to_js

from app.browser.interop import js_errors, js_object
from app.core.errors import JournalUnread

BLOCK_BYTES = 1024 * 1024  # the most media that is ever inside Python


class BlobDigester:
    """Lend a Blob's bytes to a digest, block by block."""

    async def blocks(self, media: Any) -> AsyncIterator[bytes]:
        for start in range(0, media.size, BLOCK_BYTES):
            with js_errors("The browser's storage", {}, otherwise=JournalUnread):
                js_buffer = await media.slice(start, start + BLOCK_BYTES).arrayBuffer()
            yield js_buffer.to_bytes()


def cut_blobs(blobs: Sequence[Any], start: int, end: int) -> Any:
    """Return the bytes from `start` to `end` of these Blobs, one behind the other, as one Blob.

    Blobs are handles: nothing is copied, and the bytes stay on disk until they are sent.
    """
    return js.Blob.new(to_js(blobs)).slice(start, end)


class BlobPlayback:
    """Give Blobs object URLs for `<video>` and `<audio>`."""

    def url(self, *media: Any) -> str:
        js_blob = media[0] if len(media) == 1 else js.Blob.new(to_js(media), js_object(type=media[0].type))
        return str(js.URL.createObjectURL(js_blob))

    def revoke(self, url: str) -> None:
        js.URL.revokeObjectURL(url)
