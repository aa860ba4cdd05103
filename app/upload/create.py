"""Create uploads under take numbers that no other device has used."""

from collections.abc import Callable
from contextlib import suppress

from app.contract import MAX_TAKES, CreateUpload, UploadGrant
from app.core.errors import Aborted, TakeExists, UploadError, UrlRejected
from app.core.ports import UploadPorts
from app.core.upload.commands import Command, OpenUpload
from app.core.upload.disposition import Disposition
from app.core.upload.events import Fact, TakeMoved, UploadCreated
from app.core.upload.recording_id import RecordingId
from app.core.upload.scheduler import Scheduler
from app.journal.journal import try_note


class UploadCreator:
    def __init__(
        self,
        scheduler: Scheduler,
        ports: UploadPorts,
        *,
        tell: Callable[[Fact], None],
        cancel_parts: Callable[[Command], object],
    ) -> None:
        self._scheduler = scheduler
        self._ports = ports
        self._tell = tell
        self._cancel_parts = cancel_parts
        self._nonces: dict[RecordingId, str] = {}

    async def open(self, command: OpenUpload) -> Fact:
        ref = command.upload
        # One nonce per recording, even if it is opened several times: by it the signer recognises our own object.
        nonce = self._nonces.setdefault(ref, self._ports.randomness.nonce())
        grant = await self._create(command, nonce)
        fact = UploadCreated(
            upload=ref,
            handle=grant.upload,
            key=grant.key,
            parts=grant.parts,
            is_md5_signed=grant.is_md5_signed,
            has_md5_etags=grant.has_md5_etags,
        )
        await try_note(self._ports.journal, fact)
        await self._give_up_abandoned(ref, grant)
        return fact

    async def _give_up_abandoned(self, ref: RecordingId, grant: UploadGrant) -> None:
        """Abort the upload whose parts were too large. The signer has often done so, but not every store lets it."""
        abandoned = self._scheduler.uploads[ref].abandoned if ref in self._scheduler.uploads else None
        if abandoned is not None and abandoned.handle != grant.upload:
            with suppress(UploadError):  # then Submit or the bucket's clean-up rule aborts it
                await self._ports.signer.abort(abandoned.handle)

    async def _create(self, command: OpenUpload, nonce: str) -> UploadGrant:
        """Open an upload under a take number that no other device has used. Raises TakeExists if none is left."""
        ref, upload = command.upload, self._scheduler.uploads[command.upload]
        take = upload.take
        while True:
            if upload.disposition is Disposition.ABANDONED:
                raise Aborted("The take was given up.")
            try:
                grant = await self._ports.signer.create(
                    CreateUpload(
                        question=ref.question,
                        take=take,
                        track=ref.track,
                        content_type=command.content_type,
                        nonce=nonce,
                        part_bytes_at_most=command.part_bytes_at_most,
                        can_stream=not self._scheduler.stream_health.is_given_up,
                    )
                )
            except TakeExists:
                if take >= MAX_TAKES:
                    raise
                take = max(take + 1, upload.take)
            except UrlRejected:
                if take == upload.take:
                    raise
                raise TakeExists("This answer was given on another device as often as it may be.") from None
            else:
                if take > upload.take:
                    await self._move(ref, take)
                if take == upload.take:  # otherwise the other track has meanwhile found this number taken
                    return grant
                take = upload.take

    async def _move(self, ref: RecordingId, take: int) -> None:
        """Move every track of a take to a higher take number."""
        for other in [one for one in self._scheduler.uploads.values() if one.ref.is_same_take(ref)]:
            fact = TakeMoved(other.ref, take)
            if other.created is not None:
                self._cancel_parts(OpenUpload(other.ref, other.content_type))
                self._ports.journal.hold(other.ref, 0, other.recorded)
            await try_note(self._ports.journal, fact)
            self._tell(fact)
