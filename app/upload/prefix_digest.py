"""The MD5 of a recording up to the end of a part: what proves an object that the store has taken in order."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import RecordingGone
from app.core.media import Media
from app.core.ports import Digester, Journal
from app.core.upload.parts import Part
from app.core.upload.recording_id import RecordingId

UNKNOWN = "unknown"  # in place of an MD5: this device no longer has all of the bytes


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)


@dataclass(slots=True)
class _Digested:
    """The digest of a recording's first `end` bytes."""

    end: int = 0
    md5: Any = field(default_factory=_md5)


class PrefixDigests:
    """Digest each recording while its parts are sent, so that no byte is read for this alone.

    After a reload, the bytes before the next part are read from the journal once.
    """

    def __init__(self, journal: Journal, digester: Digester) -> None:
        self._journal = journal
        self._digester = digester
        self._digested: dict[RecordingId, tuple[_Digested, _Digested]] = {}  # up to the last part, and with it

    async def upto(self, ref: RecordingId, part: Part, media: Media) -> str:
        """Return the MD5 of a recording up to the end of `part`, which is `media`; UNKNOWN if bytes before it are gone.

        Raises JournalUnread.
        """
        try:
            before = await self._before(ref, part.offset)
        except RecordingGone:
            return UNKNOWN
        after = await self._extended(before, part.end, self._digester.blocks(media))
        self._digested[ref] = (before, after)
        return str(after.md5.hexdigest())

    async def _before(self, ref: RecordingId, offset: int) -> _Digested:
        known = self._digested.get(ref, ())
        nearest = max((one for one in known if one.end <= offset), key=lambda one: one.end, default=_Digested())
        if nearest.end == offset:
            return nearest
        media = await self._journal.read(ref, nearest.end, offset - nearest.end)
        return await self._extended(nearest, offset, self._digester.blocks(media))

    @staticmethod
    async def _extended(digested: _Digested, end: int, blocks: AsyncIterator[bytes]) -> _Digested:
        md5 = digested.md5.copy()
        async for block in blocks:
            md5.update(block)
        return _Digested(end, md5)
