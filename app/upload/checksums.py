"""Digests of recorded bytes, read block by block."""

import hashlib

from app.core.errors import RecordingGone
from app.core.media import Media
from app.core.ports import Digester, Journal
from app.core.upload.recording_id import RecordingId


async def md5_of(digester: Digester, media: Media) -> str:
    """Return the MD5 of `media`, which S3 returns as ETag. Not for security."""
    digest = hashlib.md5(usedforsecurity=False)
    async for block in digester.blocks(media):
        digest.update(block)
    return digest.hexdigest()


async def sha256_of(journal: Journal, digester: Digester, ref: RecordingId, size: int) -> str | None:
    """Return the SHA-256 of a recording's first `size` bytes; None if this device no longer has all of them."""
    digest = hashlib.sha256()
    try:
        media = await journal.read(ref, 0, size) if size else None
    except RecordingGone:
        return None
    if media is not None:
        async for block in digester.blocks(media):
            digest.update(block)
    return digest.hexdigest()
