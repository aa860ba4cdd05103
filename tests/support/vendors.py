"""A candidate before each vendor's store, which answers by a script as its documents say."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from pydantic import JsonValue, SecretStr

from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.tickets import Tickets
from server.store.profiles import StoreProfile
from server.store.storage import Storage
from tests.support.scripted_s3 import ScriptedS3, Ways, md5_of
from tests.support.signer_client import NONCE, SECRET, Candidate, served
from tests.support.stub_store import stub_store

KMS = {"x-amz-server-side-encryption": "aws:kms"}
CEPH = (404, "NoSuchKey")
# By profile, what the documents that server/store/profiles.py names say; what they leave open is at its worst.
VENDORS = {
    "aws": Ways(),
    "r2": Ways(has_equal_parts=True, repeats_completion=False, server="cloudflare"),
    "b2": Ways(repeats_completion=False, has_conditions=False),
    "minio": Ways(repeats_completion=False, server="MinIO"),
    "ceph": Ways(missing_upload=CEPH),
    "gcs": Ways(copies_parts=False, repeats_completion=False, has_conditions=False, server="UploadServer"),
    "digitalocean": Ways(missing_upload=CEPH, repeats_completion=False, has_conditions=False),
    "wasabi": Ways(repeats_completion=False),
    "seaweedfs": Ways(server="SeaweedFS 8000GB 4.48"),
    "embedded": Ways(
        min_part_bytes=1,
        copies_parts=False,
        repeats_completion=False,
        has_conditions=False,
        keeps_metadata=False,
        allows_md5=False,
    ),
    "generic": Ways(copies_parts=False, repeats_completion=False, has_conditions=False),
}


@dataclass
class Desk:
    """A candidate, the signer, and a store that answers by a script."""

    store: ScriptedS3
    storage: Storage
    candidate: Candidate

    def use_multipart(self) -> None:
        policy: dict[str, JsonValue] = {"layout": "multipart"}
        self.candidate.ticket = Tickets(SECRET).mint(session="s-1", interview="trial", life_s=60, policy=policy)

    def create(self) -> dict[str, Any]:
        reply = self.candidate.create(nonce=NONCE)
        assert reply.status_code == 201, reply.text
        grant: dict[str, Any] = reply.json()
        return grant

    def send(self, grant: dict[str, Any], pieces: list[bytes]) -> list[dict[str, Any]]:
        """Send every piece as the page does, with the headers that the signer names; return what it notes."""
        parts: list[dict[str, Any]] = []
        for number, piece in enumerate(pieces, 1):
            parts.append(self.send_one(grant, number, sum(part["size"] for part in parts), piece))
        return parts

    def send_one(self, grant: dict[str, Any], number: int, offset: int, piece: bytes) -> dict[str, Any]:
        wanted = {"number": number, "offset": offset, "size": len(piece), "md5": md5_of(piece)}
        signed = self.candidate.post("/api/uploads/sign", {"upload": grant["upload"], "parts": [wanted]}).json()
        [url] = signed["parts"]
        reply = httpx.put(url["url"], content=piece, headers=url["headers"], trust_env=False)
        assert reply.status_code == 200, reply.text
        etag = reply.headers["etag"].strip('"')
        assert etag == md5_of(piece) if grant["has_md5_etags"] else "content-md5" in url["headers"]
        return {"number": number, "offset": offset, "size": len(piece), "etag": etag, "slot": url["slot"]}

    def listed(self, grant: dict[str, Any]) -> dict[str, Any]:
        listed: dict[str, Any] = self.candidate.post("/api/uploads/list", {"upload": grant["upload"]}).json()
        return listed


@contextmanager
def vendor_desk(interviews: Path, ways: Ways, profile: StoreProfile, **access: Any) -> Iterator[Desk]:
    store = ScriptedS3(ways)
    with ExitStack() as ends:
        stub = ends.enter_context(stub_store(store, profile))
        storage = Storage(replace(stub.access, **access))
        settings = Settings(interviews=interviews, secret=SecretStr(SECRET))
        listener = ends.enter_context(socket.create_server(("127.0.0.1", 0)))
        ends.enter_context(served(create_app(settings, make_signer(settings, storage)), listener))
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = ends.enter_context(httpx.Client(base_url=origin, trust_env=False, timeout=30))
        yield Desk(store, storage, Candidate(client, Tickets(SECRET), "s-1"))
