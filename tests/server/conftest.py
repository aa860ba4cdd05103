"""The signer as an ASGI application over a real S3 server."""

import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue, SecretStr

from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.tickets import Tickets
from server.store.access import embedded
from server.store.embedded import EmbeddedStore
from server.store.storage import Storage
from tests.support.signer_client import PART_BYTES, SECRET, Candidate, served

INTERVIEW = """
id = "trial"
title = "Trial"

[[questions]]
id = "both"
prompt = "Say it."
tracks = ["video", "audio"]
takes = 2

[[questions]]
id = "written"
prompt = "Write it."
text = { max_characters = 10 }

[[questions]]
id = "extra"
prompt = "More?"
tracks = ["audio"]
required = false
limit_s = 14400
"""


@pytest.fixture(scope="session")
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


@pytest.fixture(scope="session")
def origin(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, origin: str) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path_factory.mktemp("data"), page_origin=origin) as running:
        yield running


@pytest.fixture(scope="session")
def interviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("interviews")
    (folder / "trial.toml").write_text(INTERVIEW, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def settings(store: EmbeddedStore, interviews: Path) -> Settings:
    policy: dict[str, JsonValue] = {"part_bytes": PART_BYTES}
    return Settings(data=store.data, interviews=interviews, secret=SecretStr(SECRET), policy=policy)


@pytest.fixture(scope="session")
def storage(settings: Settings, store: EmbeddedStore) -> Storage:
    return embedded(settings, store)


@pytest.fixture(scope="session")
def client(settings: Settings, storage: Storage, listener: socket.socket, origin: str) -> Iterator[httpx.Client]:
    app = create_app(settings, make_signer(settings, storage), page_origin=origin)
    with served(app, listener), httpx.Client(base_url=origin, trust_env=False) as calling:
        yield calling


@pytest.fixture
def tickets() -> Tickets:
    return Tickets(SECRET)


@pytest.fixture
def candidate(client: httpx.Client, tickets: Tickets) -> Candidate:
    return Candidate(client, tickets, f"s-{secrets.token_hex(6)}")


@pytest.fixture
def stranger(client: httpx.Client, tickets: Tickets) -> Candidate:
    return Candidate(client, tickets, f"x-{secrets.token_hex(6)}")
