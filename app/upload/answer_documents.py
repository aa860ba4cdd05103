"""Store answer.json beside an answer's recordings."""

import hashlib
from collections.abc import Awaitable, Callable

from app.contract import AnswerRecord, SignDocument
from app.core.errors import Corrupted, EtagMissing
from app.core.ports import UploadPorts
from app.core.upload.events import AnswerStored, AnswerWritten
from app.core.upload.recording_id import RecordingId
from app.journal.journal import try_forget, try_note
from app.upload.signed_urls import SignedUrls


class Documents:
    def __init__(
        self,
        ports: UploadPorts,
        urls: SignedUrls,
        *,
        recordings_in: Callable[[AnswerRecord], list[RecordingId]],
        settled: Callable[[RecordingId], Awaitable[None]],
    ) -> None:
        """`recordings_in` returns the recordings of this page that a record names.

        `settled` waits for the journal's notes on a complete recording: a late note would stay after its rows are gone.
        """
        self._ports = ports
        self._urls = urls
        self._recordings_in = recordings_in
        self._settled = settled

    async def store(self, record: AnswerRecord) -> AnswerStored:
        """Store one record in the bucket, and drop the rows of the recordings that it names. Raises UploadError."""
        # First note in the journal that these objects are complete, only then drop their rows.
        if is_kept := await try_note(self._ports.journal, AnswerWritten(record)):
            await self._forget_rows(record)
        body = record.model_dump_json().encode()
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        target = await self._ports.signer.sign_document(
            SignDocument(question=record.question, take=record.take, size=len(body), md5=md5)
        )
        self._urls.check(target)
        try:
            await self._ports.transport.put(target, body, md5, has_md5_etags=target.has_md5_etags)
        except EtagMissing:
            await self._look_up(record)
        if not is_kept:  # the disk was full: the bucket's record must suffice; without the rows there is room again
            await self._forget_rows(record)
            await try_note(self._ports.journal, AnswerWritten(record))
        return AnswerStored(record)

    async def _forget_rows(self, record: AnswerRecord) -> None:
        for recording in self._recordings_in(record):
            await self._settled(recording)
            await try_forget(self._ports.journal, recording)

    async def _look_up(self, record: AnswerRecord) -> None:
        """Ask the signer whether the bucket has this answer.json. Raises Corrupted if it does not."""
        grant = await self._ports.signer.interview()
        if record not in grant.answers:
            raise Corrupted("The store does not have what was sent.")
