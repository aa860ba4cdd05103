"""A recording that is sent to the signer's folded layout in small parts, without a page."""

import base64
import hashlib
import random
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from server.signer.tickets import Tickets
from server.store.storage import Storage
from tests.support.signer_client import SECRET, Candidate

CLEARING_S = 20


@dataclass
class Recording:
    """One recording, sent in small parts and whole windows."""

    signers: list[httpx.Client]
    content: bytes
    parts: list[dict[str, Any]] = field(default_factory=list)  # acknowledged, in order

    def __post_init__(self) -> None:
        self.candidate = Candidate(self.signers[0], Tickets(SECRET), f"s-{secrets.token_hex(6)}")
        self.grant = self.candidate.create().json()

    def call(self, path: str, body: dict[str, Any], signer: int = 0) -> dict[str, Any]:
        self.candidate.client = self.signers[signer]
        reply = self.candidate.post(f"/api/uploads/{path}", {"upload": self.grant["upload"], **body})
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def send(self, size: int) -> dict[str, Any]:
        """Put the next `size` bytes; return the part as it is folded."""
        offset = sum(part["size"] for part in self.parts)
        body = self.content[offset : offset + size]
        digest = hashlib.md5(body, usedforsecurity=False)
        part = {"number": len(self.parts) + 1, "offset": offset, "size": len(body)}
        signed = self.call("sign", {"parts": [{**part, "md5": digest.hexdigest()}]})["parts"][0]
        assert signed["headers"]["content-md5"] == base64.b64encode(digest.digest()).decode()
        reply = self.signers[0].put(signed["url"], content=body, headers=signed["headers"])
        assert reply.status_code == 200, reply.text
        self.parts.append({**part, "etag": digest.hexdigest(), "slot": signed["slot"]})
        return self.parts[-1]

    def fold(self, *parts: dict[str, Any], signer: int = 0) -> dict[str, Any]:
        return self.call("fold", {"parts": list(parts)}, signer)

    def complete(self, parts: list[dict[str, Any]], signer: int = 0) -> dict[str, Any]:
        return self.call("complete", {"parts": parts, "size": len(self.content)}, signer)


def recording(signers: list[httpx.Client], size: int) -> Recording:
    return Recording(signers, random.Random(size).randbytes(size))


def assert_stored(made: Recording, storage: Storage) -> None:
    key = made.grant["key"]
    assert storage.objects.read(key) == made.content
    found = storage.objects.head(key)
    assert found is not None
    assert found.token is not None, "the object does not say whose it is"
    assert storage.multipart.open_uploads(key) == []
    assert_cleared(storage, key)


def assert_cleared(storage: Storage, key: str) -> None:
    """The signer deletes tails after its reply."""
    deadline = time.monotonic() + CLEARING_S
    while storage.objects.keys(f"_tail/{key}/"):
        assert time.monotonic() < deadline, "tails are left"
        time.sleep(0.05)


def copied_ahead(storage: Storage, part: dict[str, Any]) -> int:
    """Wait for the copy into a part's slot; return its size."""
    deadline = time.monotonic() + CLEARING_S
    while 1 not in (found := storage.multipart.all_parts(tail_of(storage, part), part["slot"])):
        assert time.monotonic() < deadline, "nothing is copied"
        time.sleep(0.05)
    return found[1].size


def tail_of(storage: Storage, part: dict[str, Any]) -> str:
    return next(key for key, upload in storage.multipart.open_uploads("_tail/") if upload == part["slot"])
