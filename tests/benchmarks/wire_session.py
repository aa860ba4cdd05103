"""A whole session over the wire, as the page does it, without a browser: every call is timed."""

import asyncio
import hashlib
import secrets
import time
from dataclasses import dataclass

import httpx
from pydantic import BaseModel

from app.contract import (
    DEVICE_HEADER,
    AnswerRecord,
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    PartToComplete,
    PartToSign,
    SignDocument,
    SignedDocument,
    SignedParts,
    SignParts,
    Submission,
    SubmissionReceipt,
    Track,
    TrackRecord,
    UploadGrant,
)
from tests.benchmarks.calls import Timings

TYPE = "video/mp4"
LAST_BYTES = 1024


@dataclass(frozen=True)
class Work:
    """What each session does. A part has the least size that the signer grants; every part is signed on its own."""

    questions: tuple[str, ...]
    parts: int  # of each answer, before a last one of LAST_BYTES
    part_every_s: float = 0.0  # pace of the recording; 0: as fast as signer and store answer


class WireSession:
    """One candidate with a ticket and a device."""

    def __init__(self, client: httpx.AsyncClient, ticket: str, timings: Timings) -> None:
        """`client` has the signer for its base URL."""
        self._client = client
        self._timings = timings
        self._headers = {"Authorization": f"Bearer {ticket}", DEVICE_HEADER: secrets.token_hex(16)}

    async def sit(self, work: Work) -> None:
        """Give every answer, and submit. Raises httpx.HTTPError if a call fails."""
        await self._ask("interview", "GET", "/api/interview")
        answers = []
        for question in work.questions:
            record = AnswerRecord(question=question, take=1, tracks={Track.VIDEO: await self._record(question, work)})
            await self._store_document(record)
            answers.append(record)
        done = await self._post("submit", "/api/submission", Submission(answers=tuple(answers)))
        SubmissionReceipt.model_validate_json(done)

    async def _record(self, question: str, work: Work) -> TrackRecord:
        request = CreateUpload(
            question=question, take=1, track=Track.VIDEO, content_type=TYPE, nonce=secrets.token_hex(16)
        )
        grant = UploadGrant.model_validate_json(await self._post("create", "/api/uploads", request))
        parts: list[PartToComplete] = []
        offset, digest = 0, hashlib.sha256()
        for number in range(1, work.parts + 2):
            await asyncio.sleep(work.part_every_s)
            body = secrets.token_bytes(grant.parts.smallest(number) if number <= work.parts else LAST_BYTES)
            digest.update(body)
            etag = await self._send(grant.upload, number, offset, body)
            parts.append(PartToComplete(number=number, offset=offset, size=len(body), etag=etag))
            offset += len(body)
        whole = CompleteUpload(upload=grant.upload, parts=tuple(parts), size=offset)
        done = CompletedObject.model_validate_json(await self._post("complete", "/api/uploads/complete", whole))
        return TrackRecord(
            key=done.key, size=done.size, sha256=digest.hexdigest(), content_type=TYPE, duration_s=work.parts * 0.2
        )

    async def _send(self, upload: str, number: int, offset: int, body: bytes) -> str:
        """Sign one part and put it; return its ETag."""
        md5 = _md5(body)
        wanted = SignParts(upload=upload, parts=(PartToSign(number=number, offset=offset, size=len(body), md5=md5),))
        [signed] = SignedParts.model_validate_json(await self._post("sign", "/api/uploads/sign", wanted)).parts
        stored = await self._put("put", signed.url, signed.headers, body)
        etag = stored.headers["ETag"].strip('"')
        if etag != md5:
            raise httpx.RemoteProtocolError("the store has other bytes than were sent")
        return etag

    async def _store_document(self, record: AnswerRecord) -> None:
        body = record.model_dump_json().encode()
        wanted = SignDocument(question=record.question, take=record.take, size=len(body), md5=_md5(body))
        signed = SignedDocument.model_validate_json(await self._post("sign document", "/api/documents/sign", wanted))
        await self._put("put document", signed.url, signed.headers, body)

    async def _post(self, kind: str, path: str, body: BaseModel) -> bytes:
        return await self._ask(kind, "POST", path, body.model_dump_json(exclude_none=True))

    async def _ask(self, kind: str, method: str, path: str, body: str | None = None) -> bytes:
        since = time.perf_counter()
        reply = await self._client.request(
            method, path, content=body, headers=self._headers | {"Content-Type": "application/json"}
        )
        self._timings.note(kind, time.perf_counter() - since)
        return reply.raise_for_status().content

    async def _put(self, kind: str, url: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        since = time.perf_counter()
        reply = await self._client.put(url, content=body, headers=headers)
        self._timings.note(kind, time.perf_counter() - since)
        return reply.raise_for_status()


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
