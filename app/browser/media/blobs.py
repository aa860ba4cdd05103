"""Read the bytes of JS Blobs in blocks, cut Blobs, and give players access to them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import js
from pyodide.ffi import to_js

from app.browser.interop import js_errors, js_object
from app.core.errors import JournalUnread

BLOCK_BYTES = 1024 * 1024  # the most media bytes inside Python at a time


class BlobDigester:
    """Yield a Blob's bytes to a digest, block by block."""

    async def blocks(self, media: Any) -> AsyncIterator[bytes]:
        for start in range(0, media.size, BLOCK_BYTES):
            with js_errors("The browser's storage", {}, otherwise=JournalUnread):
                js_buffer = await media.slice(start, start + BLOCK_BYTES).arrayBuffer()
            yield js_buffer.to_bytes()


def cut_blobs(blobs: Sequence[Any], start: int, end: int) -> Any:
    """Concatenate `blobs` and return the bytes from `start` to `end` as one Blob.

    Blobs are handles: nothing is copied, and the bytes stay on disk until they are sent.
    """
    return js.Blob.new(to_js(blobs)).slice(start, end)


class BlobPlayback:
    """Create object URLs of Blobs for `<video>` and `<audio>`, and revoke them."""

    def url(self, *media: Any) -> str:
        js_blob = media[0] if len(media) == 1 else js.Blob.new(to_js(media), js_object(type=media[0].type))
        return str(js.URL.createObjectURL(js_blob))

    def revoke(self, url: str) -> None:
        js.URL.revokeObjectURL(url)
