"""End an upload: complete its object, or abort it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from app.contract import CompleteUpload, PartToComplete
from app.core.errors import Corrupted, TakeExists, UploadLost
from app.core.ports import UploadPorts
from app.core.upload.commands import Command, DropUpload, FinishUpload
from app.core.upload.events import UploadAborted, UploadCompleted
from app.core.upload.scheduler import Scheduler
from app.journal.journal import try_forget
from app.upload.created import created_upload
from app.upload.fold import fields_of
from app.upload.signed_urls import SignedUrls


class Finisher:
    def __init__(
        self,
        scheduler: Scheduler,
        ports: UploadPorts,
        urls: SignedUrls,
        *,
        cancel_parts: Callable[[Command], list[asyncio.Task[None]]],
    ) -> None:
        """`cancel_parts` cancels the parts of an upload in flight, and returns all its other running tasks."""
        self._scheduler = scheduler
        self._ports = ports
        self._urls = urls
        self._cancel_parts = cancel_parts

    async def finish(self, command: FinishUpload) -> UploadCompleted:
        """Complete an upload and check key and size of the object. Raises UploadError."""
        created = created_upload(self._scheduler, command.upload)
        parts = tuple(PartToComplete.model_validate(fields_of(piece)) for piece in command.parts)
        try:
            done = await self._ports.signer.complete(
                CompleteUpload(upload=created.handle, parts=parts, size=command.size)
            )
        except TakeExists:  # when opened again, the upload gets the next take number
            raise UploadLost("Another device has stored this take meanwhile.") from None
        if (done.key, done.size) != (created.key, command.size):
            raise Corrupted("The store has put together another object than was recorded.")
        self._urls.forget(created)
        return UploadCompleted(command.upload, done.key, done.size)

    async def drop(self, command: DropUpload) -> UploadAborted:
        """Abort an upload and drop its rows. Raises UploadError."""
        # Parts are cancelled. The other tasks are short; wait for what they do before undoing it.
        await asyncio.gather(*self._cancel_parts(command), return_exceptions=True)
        upload = self._scheduler.uploads[command.upload]
        if (opened := upload.created or upload.abandoned) is not None:
            self._urls.forget(opened)
            with suppress(UploadLost):  # then there is nothing to abort
                await self._ports.signer.abort(opened.handle)
        await try_forget(self._ports.journal, command.upload)
        return UploadAborted(command.upload)
