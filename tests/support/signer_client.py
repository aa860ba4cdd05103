"""A candidate who calls the signer over HTTP, and a server for the signer to run in."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from app.contract import DEVICE_HEADER
from server.http.app import create_app
from server.http.connections import BoundedProtocol
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.tickets import Tickets
from server.store.storage import Storage

SECRET = "for tests alone, and long enough for HS256"
PART_BYTES = 64 * 1024
NONCE = "0123456789abcdef0123456789abcdef"


@dataclass(eq=False)  # two visits of one session are two candidates
class Candidate:
    """Someone with a ticket, calling as the page does."""

    client: httpx.Client
    tickets: Tickets
    session: str
    device: str | None = None

    def __post_init__(self) -> None:
        self.ticket = self.tickets.mint(session=self.session, interview="trial", life_s=3600)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.client.post(path, json=body, headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        device = {DEVICE_HEADER: self.device} if self.device else {}
        return {"Authorization": f"Bearer {self.ticket}", **device}

    def on(self, device: str) -> "Candidate":
        """Return the same candidate before another device."""
        return Candidate(self.client, self.tickets, self.session, device)

    def create(self, **changes: Any) -> httpx.Response:
        body = {"question": "both", "take": 1, "track": "video", "content_type": "video/mp4", "nonce": NONCE}
        return self.post("/api/uploads", body | changes)

    def sign(self, upload: str, number: int, size: int) -> str:
        part = {"number": number, "offset": (number - 1) * PART_BYTES, "size": size}
        reply = self.post("/api/uploads/sign", {"upload": upload, "parts": [part]})
        assert reply.status_code == 200, reply.text
        url: str = reply.json()["parts"][0]["url"]
        return url

    def send(self, upload: str, pieces: list[bytes]) -> list[dict[str, Any]]:
        """Put every piece; return what the store acknowledged."""
        parts: list[dict[str, Any]] = []
        for number, piece in enumerate(pieces, 1):
            stored = self.client.put(self.sign(upload, number, len(piece)), content=piece)
            assert stored.status_code == 200, stored.text
            offset = sum(part["size"] for part in parts)
            etag = stored.headers["etag"].strip('"')
            parts.append({"number": number, "offset": offset, "size": len(piece), "etag": etag})
        return parts

    def complete(self, upload: str, parts: list[dict[str, Any]]) -> httpx.Response:
        size = sum(part["size"] for part in parts)
        return self.post("/api/uploads/complete", {"upload": upload, "parts": parts, "size": size})

    def record(self, pieces: list[bytes], **changes: Any) -> dict[str, Any]:
        """Upload a whole track; return its record."""
        grant = self.create(**changes).json()
        done = self.complete(grant["upload"], self.send(grant["upload"], pieces))
        assert done.status_code == 200, done.text
        whole = b"".join(pieces)
        return {
            **done.json(),
            "sha256": hashlib.sha256(whole).hexdigest(),
            "content_type": changes.get("content_type", "video/mp4"),
            "duration_s": 1.5,
        }

    def answers(self) -> list[dict[str, Any]]:
        """Answer everything that must be answered."""
        tracks = {
            "video": self.record([b"v" * PART_BYTES, b"v"]),
            "audio": self.record([b"a"], track="audio", content_type="audio/webm;codecs=opus"),
        }
        return [
            {"question": "both", "take": 1, "tracks": tracks},
            {"question": "written", "take": 1, "text": "Yes."},
        ]


@contextmanager
def served(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    """Serve the application for real: what h11 makes of odd requests is part of what is tested."""
    server = uvicorn.Server(
        uvicorn.Config(app, http=BoundedProtocol, log_config=None, ws="none", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def signing(
    settings: Settings, storage: Storage, *, page_origin: str | None = None, **headers: str
) -> Iterator[httpx.Client]:
    """Serve a signer of its own with these settings; give a client that calls it with these headers."""
    app = create_app(settings, make_signer(settings, storage, page_origin=page_origin))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with (
            served(app, listener),
            httpx.Client(base_url=base_url, headers=headers, trust_env=False, timeout=30) as client,
        ):
            yield client
