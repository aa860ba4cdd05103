"""Media whose bytes the browser does not give."""

from types import SimpleNamespace

import pytest

from app.core.errors import JournalUnread
from tests.support.fake_javascript import Blob, Browser

pytestmark = pytest.mark.anyio


async def test_media_that_cannot_be_read_are_a_failure_that_passes(monkeypatch):
    digester, blob = Browser(monkeypatch).adapter("media.blobs", "BlobDigester")(), Blob(b"abc")
    blob.is_unreadable = True
    with pytest.raises(JournalUnread):
        [block async for block in digester.blocks(blob)]


async def test_what_was_read_is_released_at_once(monkeypatch):
    released: list[int] = []

    async def read() -> SimpleNamespace:
        return SimpleNamespace(to_bytes=lambda: b"abc", transfer=released.append)

    blob = SimpleNamespace(size=3, slice=lambda *_: SimpleNamespace(arrayBuffer=read))
    digester = Browser(monkeypatch).adapter("media.blobs", "BlobDigester")()
    assert [block async for block in digester.blocks(blob)] == [b"abc"]
    assert released == [0]
