"""A candidate and the signer before the stand-in for Google's store, where answers go into resumable sessions."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import AnyHttpUrl, SecretStr

from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.tickets import Tickets
from server.store.client import StoreAccess
from server.store.profiles import PROFILES
from server.store.storage import Storage
from tests.support.scripted_gcs import STEP, ScriptedGcs, Session, running_gcs
from tests.support.scripted_s3 import md5_of
from tests.support.signer_client import NONCE, SECRET, Candidate, served

PAGE = "https://jobs.example"
GCS = PROFILES["gcs"]
MEDIA = bytes(range(256)) * 2048 + b"the end"  # two steps and a short last piece


@dataclass
class Desk:
    """A candidate, the signer, and the store."""

    store: ScriptedGcs
    candidate: Candidate

    def create(self, **changes: Any) -> dict[str, Any]:
        reply = self.candidate.create(nonce=changes.pop("nonce", NONCE), **changes)
        assert reply.status_code == 201, reply.text
        grant: dict[str, Any] = reply.json()
        return grant

    def url(self, grant: dict[str, Any]) -> str:
        part = {"number": 1, "offset": 0, "size": STEP}
        [signed] = self.candidate.post("/api/uploads/sign", {"upload": grant["upload"], "parts": [part]}).json()[
            "parts"
        ]
        url: str = signed["url"]
        return url

    def send(self, grant: dict[str, Any], offset: int, body: bytes, total: int | str = "*") -> httpx.Response:
        place = f"bytes {offset}-{offset + len(body) - 1}/{total}"
        headers = {"Content-Range": place, "Origin": PAGE}
        return httpx.put(self.url(grant), content=body, headers=headers, trust_env=False)

    def send_all(self, grant: dict[str, Any], media: bytes = MEDIA) -> None:
        assert self.send(grant, 0, media[: 2 * STEP]).status_code == 308
        assert self.send(grant, 2 * STEP, media[2 * STEP :], len(media)).status_code == 200

    def listed(self, grant: dict[str, Any]) -> tuple[str, int]:
        listed = self.candidate.post("/api/uploads/list", {"upload": grant["upload"]}).json()
        return listed["state"], listed["stored_bytes"]

    def complete(self, grant: dict[str, Any], media: bytes = MEDIA) -> httpx.Response:
        part = {"number": 1, "offset": 0, "size": len(media), "etag": md5_of(media)}
        body = {"upload": grant["upload"], "parts": [part], "size": len(media)}
        return self.candidate.post("/api/uploads/complete", body)

    @property
    def session(self) -> Session:
        [session] = self.store.sessions.values()
        return session


def storage_at(origin: str, public: str | None = None) -> Storage:
    return Storage(StoreAccess("bucket", "us-east-1", origin, public, GCS, key_id="GOOG-KEY", key_secret="secret"))


@contextmanager
def resumable_desk(interviews: Path) -> Iterator[Desk]:
    store = ScriptedGcs()
    with ExitStack() as ends:
        storage = storage_at(ends.enter_context(running_gcs(store)))
        settings = Settings(
            interviews=interviews, secret=SecretStr(SECRET), url=AnyHttpUrl(PAGE), policy={"layout": "resumable"}
        )
        listener = ends.enter_context(socket.create_server(("127.0.0.1", 0)))
        ends.enter_context(served(create_app(settings, make_signer(settings, storage)), listener))
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = ends.enter_context(httpx.Client(base_url=origin, trust_env=False, timeout=30))
        yield Desk(store, Candidate(client, Tickets(SECRET), "s-1"))
