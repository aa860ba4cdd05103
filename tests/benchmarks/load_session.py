"""One candidate of a load test, at a candidate's pace: reads, speaks, submits. Every call is counted and timed."""

import asyncio
import hashlib
import random
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

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
from tests.benchmarks.lean_http import Address, Answer, CallFailed, LeanClient
from tests.benchmarks.load_store import CountedStore

TYPE = "video/mp4"
_AGAIN_S = 1.0  # until a call that was refused for now is made again
_TRIES = 60
_REFUSED = 400
_FOR_NOW = (429, 503)


@dataclass(frozen=True)
class Pace:
    questions: tuple[str, ...]
    silent_s: float = 30.0  # before each answer: the candidate reads, prepares, tests devices
    speaks_s: float = 30.0  # each answer
    part_every_s: float = 0.4
    ahead: int = 4  # parts in each call of `sign`: the page's own default


@dataclass
class Tally:
    """What all sessions have seen."""

    timings: Timings = field(default_factory=Timings)
    statuses: Counter[int] = field(default_factory=Counter)
    receipts: int = 0
    answers: int = 0
    lost: list[str] = field(default_factory=list)  # a sentence each
    failovers: int = 0


class Lost(Exception):
    """The signer refuses what it should not."""


class LoadSession:
    """One candidate with a ticket. With `sent`, the bytes are real: they are sent, and kept there by key."""

    def __init__(
        self,
        signers: list[Address],
        number: int,
        ticket: str,
        tally: Tally,
        store: CountedStore,
        sent: dict[str, bytes] | None = None,
    ) -> None:
        self._client = LeanClient(signers, number)
        self._tally = tally
        self._store = store
        self._sent = sent
        self._headers = {
            "Authorization": f"Bearer {ticket}",
            DEVICE_HEADER: secrets.token_hex(16),
            "Content-Type": "application/json",
        }

    async def sit(self, pace: Pace, until: float) -> None:
        """Answer every question, and submit; begin none after `until` (of time.monotonic). Raises Lost, CallFailed."""
        try:
            await self._ask("interview", "GET", "/api/interview")
            answers: list[AnswerRecord] = []
            for question in pace.questions:
                await asyncio.sleep(min(random.uniform(0, 2 * pace.silent_s), max(0.0, until - time.monotonic())))
                if answers and time.monotonic() >= until:
                    break
                track = await self._record(question, pace, until)
                answers.append(AnswerRecord(question=question, take=1, tracks={Track.VIDEO: track}))
                await self._store_document(answers[-1])
            done = await self._post("submit", "/api/submission", Submission(answers=tuple(answers)))
            receipt = SubmissionReceipt.model_validate_json(done)
            if receipt.answers != tuple(answers):
                raise Lost("a receipt names other answers than were given")
            self._tally.receipts += 1
            self._tally.answers += len(answers)
        finally:
            self._tally.failovers += self._client.failovers
            self._client.close()

    async def _record(self, question: str, pace: Pace, until: float) -> TrackRecord:
        request = CreateUpload(
            question=question, take=1, track=Track.VIDEO, content_type=TYPE, nonce=secrets.token_hex(16)
        )
        grant = UploadGrant.model_validate_json(await self._post("create", "/api/uploads", request))
        parts: list[PartToComplete] = []
        whole = bytearray()
        ends_at = time.monotonic() + pace.speaks_s
        while not parts or time.monotonic() < min(ends_at, until):
            begun = time.monotonic()
            parts += await self._send_group(grant, len(parts) + 1, pace, whole)
            await asyncio.sleep(max(0.0, begun + pace.ahead * pace.part_every_s - time.monotonic()))
        size = len(parts) * grant.parts.min_bytes
        named = CompleteUpload(upload=grant.upload, parts=tuple(parts), size=size)
        done = CompletedObject.model_validate_json(await self._post("complete", "/api/uploads/complete", named))
        if self._sent is not None:
            self._sent[done.key] = bytes(whole)
        digest = hashlib.sha256(whole).hexdigest()
        duration_s = len(parts) * pace.part_every_s
        return TrackRecord(key=done.key, size=done.size, sha256=digest, content_type=TYPE, duration_s=duration_s)

    async def _send_group(self, grant: UploadGrant, first: int, pace: Pace, whole: bytearray) -> list[PartToComplete]:
        """Sign the parts that come next in one call, and store them."""
        size = grant.parts.min_bytes
        wanted = [PartToSign(number=first + n, offset=(first + n - 1) * size, size=size) for n in range(pace.ahead)]
        signing = SignParts(upload=grant.upload, parts=tuple(wanted))
        signed = SignedParts.model_validate_json(await self._post("sign", "/api/uploads/sign", signing)).parts
        return [
            PartToComplete(
                number=one.number,
                offset=(one.number - 1) * size,
                size=size,
                etag=await self._send(grant.key, one.url, one.number, size, whole),
            )
            for one in signed
        ]

    async def _send(self, key: str, url: str, number: int, size: int, whole: bytearray) -> str:
        """Send one part; return its ETag. Without real bytes the store is told that it has them."""
        if self._sent is None:
            etag = f"{number:032x}"
            self._store.note_part(key, parse_qs(urlsplit(url).query)["uploadId"][0], number, size, etag)
            return etag
        body = secrets.token_bytes(size)
        whole += body
        stored = await _put(url, body, {})
        etag = stored.headers["etag"].strip('"')
        if etag != hashlib.md5(body, usedforsecurity=False).hexdigest():
            raise Lost("the store has other bytes than were sent")
        return etag

    async def _store_document(self, record: AnswerRecord) -> None:
        body = record.model_dump_json().encode()
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        wanted = SignDocument(question=record.question, take=record.take, size=len(body), md5=digest)
        signed = SignedDocument.model_validate_json(await self._post("document", "/api/documents/sign", wanted))
        await _put(signed.url, body, signed.headers)

    async def _post(self, kind: str, path: str, body: BaseModel) -> bytes:
        return await self._ask(kind, "POST", path, body.model_dump_json(exclude_none=True).encode())

    async def _ask(self, kind: str, method: str, path: str, body: bytes = b"") -> bytes:
        """Make a call; make it again, as the page does, where the signer says that it is refused for now."""
        for _ in range(_TRIES):
            since = time.perf_counter()
            answer = await self._client.call(method, path, self._headers, body)
            self._tally.timings.note(kind, time.perf_counter() - since)
            self._tally.statuses[answer.status] += 1
            if answer.status < _REFUSED:
                return answer.body
            if answer.status not in _FOR_NOW:
                raise Lost(f"{kind}: {answer.status} {answer.body[:300].decode(errors='replace')}")
            await asyncio.sleep(_AGAIN_S)
        raise CallFailed(f"{kind}: refused {_TRIES} times")


async def _put(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    where = urlsplit(url)
    client = LeanClient([(where.hostname or "", where.port or 80)])
    try:
        answer = await client.call("PUT", f"{where.path}?{where.query}", headers, body)
    finally:
        client.close()
    if answer.status >= _REFUSED:
        raise Lost(f"the store answers a PUT with {answer.status}")
    return answer
