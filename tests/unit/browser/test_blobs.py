"""Media whose bytes the browser does not give."""

import pytest

from app.core.errors import JournalUnread
from tests.support.fake_javascript import Blob, Browser

pytestmark = pytest.mark.anyio


async def test_media_that_cannot_be_read_are_a_failure_that_passes(monkeypatch):
    digester, blob = Browser(monkeypatch).adapter("media.blobs", "BlobDigester")(), Blob(b"abc")
    blob.is_unreadable = True
    with pytest.raises(JournalUnread):
        [block async for block in digester.blocks(blob)]
