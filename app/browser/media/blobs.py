"""Read the bytes of JS Blobs in blocks, cut Blobs, and give players access to them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException, to_js

from app.browser.interop import bytes_of, js_errors, js_object, let_run
from app.core.errors import JournalUnread

BLOCK_BYTES = 1024 * 1024  # the most media bytes inside Python at a time
ROOM = 10  # times what a copy takes; the journal comes first


class BlobDigester:
    """Yield a Blob's bytes to a digest, block by block."""

    async def blocks(self, media: Any) -> AsyncIterator[bytes]:
        for start in range(0, media.size, BLOCK_BYTES):
            with js_errors("The browser's storage", {}, otherwise=JournalUnread):
                js_buffer = await media.slice(start, start + BLOCK_BYTES).arrayBuffer()
            yield bytes_of(js_buffer)


def cut_blobs(blobs: Sequence[Any], start: int, end: int) -> Any:
    """Concatenate `blobs` and return the bytes from `start` to `end` as one Blob.

    Blobs are handles: nothing is copied, and the bytes stay on disk until they are sent.
    """
    return js.Blob.new(to_js(blobs)).slice(start, end)


class BlobPlayback:
    """Create object URLs of Blobs for `<video>` and `<audio>`, and revoke them."""

    def __init__(self, folder: str) -> None:
        """`folder`: for files, in the origin's private file system; nobody else uses it."""
        self._folder = folder
        self._js_folder: Any = None  # None: not opened yet
        self._files: dict[str, str] = {}  # name, by URL

    def url(self, *media: Any) -> str:
        js_blob = media[0] if len(media) == 1 else js.Blob.new(to_js(media), js_object(type=media[0].type))
        return str(js.URL.createObjectURL(js_blob))

    async def settled_url(self, media: Any) -> str | None:
        try:
            name = str(js.crypto.randomUUID())
            if not await _has_room(media.size):
                return None
            js_file = await (await self._opened()).getFileHandle(name, js_object(create=True))
            js_writable = await js_file.createWritable()
            await js_writable.write(media)
            await js_writable.close()
            js_copy = await js_file.getFile()
        except (JsException, AttributeError):  # no such storage in this browser or window, or it is full
            return None
        url = self.url(js_copy.slice(0, js_copy.size, media.type))
        self._files[url] = name
        return url

    def revoke(self, url: str) -> None:
        js.URL.revokeObjectURL(url)
        if (name := self._files.pop(url, None)) is not None:
            let_run(self._js_folder.removeEntry(name))

    async def clear(self) -> None:
        """Delete all files, also those that a page that has crashed has left. Never raises."""
        with suppress(JsException, AttributeError):  # there is no folder, or no such storage
            js_root = await js.navigator.storage.getDirectory()
            await js_root.removeEntry(self._folder, js_object(recursive=True))

    async def _opened(self) -> Any:
        if self._js_folder is None:
            await self.clear()
            js_root = await js.navigator.storage.getDirectory()
            self._js_folder = await js_root.getDirectoryHandle(self._folder, js_object(create=True))
        return self._js_folder


async def _has_room(size: int) -> bool:
    """Return whether the copy leaves the journal plenty of the browser's storage."""
    js_estimate = await js.navigator.storage.estimate()
    return bool(js_estimate.quota - js_estimate.usage > ROOM * size)
