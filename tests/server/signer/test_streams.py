"""The layout `stream`: which uploads get it, and the way of a stream through a real nginx to a real store."""

import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import AnyHttpUrl, SecretStr

from app.contract import MIB, Layout, UploadPolicy
from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.part_sizes import STREAM_BYTES, WINDOW, layout_for, rules_for
from server.signer.tickets import Tickets
from server.store.embedded import EmbeddedStore
from server.store.profiles import EMBEDDED, PROFILES
from server.store.storage import Storage
from server.store.stream_gateway import StreamGateway
from tests.support.seaweed import running_seaweed, storage_of
from tests.support.signer_client import SECRET, Candidate, served
from tests.support.stream_gateway import RunningGateway, running_gateway

PAGE = "https://jobs.example"
MEDIA = bytes(range(256)) * 1024


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, store: EmbeddedStore) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("gateway"), store.url, PAGE) as running:
        yield running


@contextmanager
def sending_to(gateway: RunningGateway) -> Iterator[httpx.Client]:
    """Yield what sends to the gateway; a body without a length comes in chunks, as a stream's does."""
    trusting = ssl.create_default_context(cafile=str(gateway.certificates))
    with httpx.Client(timeout=60, verify=trusting, trust_env=False, headers={"Origin": PAGE}) as sending:
        yield sending


@contextmanager
def seated(gateway: RunningGateway, storage: Storage, data: Path, interviews: Path) -> Iterator[Candidate]:
    """Yield a candidate of a signer that has this gateway."""
    settings = Settings(
        data=data,
        interviews=interviews,
        secret=SecretStr(SECRET),
        stream_url=AnyHttpUrl(gateway.url),
        stream_secret=SecretStr(gateway.secret),
    )
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = create_app(settings, make_signer(settings, storage), page_origin=origin)
        with served(app, listening), httpx.Client(timeout=60, base_url=origin, trust_env=False) as client:
            yield Candidate(client, Tickets(SECRET), f"s-{secrets.token_hex(6)}")


@pytest.fixture(scope="module")
def browser(gateway: RunningGateway) -> Iterator[httpx.Client]:
    with sending_to(gateway) as sending:
        yield sending


@pytest.fixture(scope="module")
def candidate(gateway: RunningGateway, storage: Storage, store: EmbeddedStore, interviews: Path) -> Iterator[Candidate]:
    with seated(gateway, storage, store.data, interviews) as sitting:
        yield sitting


def stream_url(candidate: Candidate, grant: dict[str, Any], number: int = 1, offset: int = 0) -> str:
    reply = candidate.post("/api/uploads/stream", {"upload": grant["upload"], "number": number, "offset": offset})
    assert reply.status_code == 200, reply.text
    url: str = reply.json()["url"]
    return url


def in_pieces(media: bytes, size: int = 10_000) -> Iterator[bytes]:
    for start in range(0, len(media), size):
        yield media[start : start + size]


def stream_all(candidate: Candidate, browser: httpx.Client, pieces: list[bytes]) -> str:
    """Upload a recording in one stream for each piece; return its key."""
    grant = candidate.create(can_stream=True).json()
    named: list[dict[str, Any]] = []
    for number, piece in enumerate(pieces, 1):
        offset = sum(part["size"] for part in named)
        stored = browser.put(stream_url(candidate, grant, number, offset), content=in_pieces(piece))
        assert stored.status_code == 200, stored.text
        etag = stored.headers["etag"].strip('"')
        named.append({"number": number, "offset": offset, "size": len(piece), "etag": etag})
    assert candidate.complete(grant["upload"], named).status_code == 200
    key: str = grant["key"]
    return key


def test_streams_of_unknown_length_become_one_object(candidate: Candidate, browser: httpx.Client, storage: Storage):
    key = stream_all(candidate, browser, [MEDIA, b"the end"])

    assert storage.objects.read(key) == MEDIA + b"the end"


def test_store_with_a_minimum_assembles_what_was_streamed(tmp_path: Path, interviews: Path):
    with (
        running_seaweed(tmp_path / "weed", [PAGE]) as store,
        running_gateway(tmp_path / "gateway", store.url, PAGE) as gateway,
        seated(gateway, storage_of(store), tmp_path, interviews) as candidate,
        sending_to(gateway) as browser,
    ):
        pieces = [MEDIA * 24, MEDIA]
        key = stream_all(candidate, browser, pieces)

        assert storage_of(store).objects.read(key) == b"".join(pieces)


def test_page_may_read_the_reply_to_a_stream(candidate: Candidate, browser: httpx.Client):
    url = stream_url(candidate, candidate.create(can_stream=True, take=2).json())
    asked = browser.options(url, headers={"Access-Control-Request-Method": "PUT"})
    reply = browser.put(url, content=in_pieces(MEDIA))

    assert asked.status_code == 204
    for answer in (asked, reply):
        assert answer.headers.get_list("access-control-allow-origin") == [PAGE]
    assert "ETag" in reply.headers["access-control-expose-headers"]


@pytest.mark.parametrize("spoil", ["another path", "expired", "another secret"])
def test_gateway_refuses_what_was_not_signed_before_the_first_byte_of_its_body(
    candidate: Candidate, gateway: RunningGateway, store: EmbeddedStore, spoil: str
):
    url = stream_url(candidate, candidate.create(can_stream=True, track="audio", content_type="audio/webm").json())
    spoiled = {
        "another path": url.replace("/both/", "/extra/"),
        "expired": StreamGateway(gateway.url, gateway.secret).url(f"{store.url}/slipstream/x?y=1", -5),
        "another secret": StreamGateway(gateway.url, "another").url(f"{store.url}/slipstream/x?y=1", 60),
    }

    assert answer_before_the_body(gateway, spoiled[spoil]) == 403
    with pytest.raises(TimeoutError):
        answer_before_the_body(gateway, url)


def answer_before_the_body(gateway: RunningGateway, url: str) -> int:
    """Return the status that comes before anything of the body was sent. Raises TimeoutError if it is waited for."""
    there = urlsplit(url)
    trusting = ssl.create_default_context(cafile=str(gateway.certificates))
    with closing(HTTPSConnection("127.0.0.1", there.port, context=trusting, timeout=0.5)) as connection:
        connection.putrequest("PUT", f"{there.path}?{there.query}")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        return connection.getresponse().status


def test_gateway_takes_no_part_beyond_the_largest(candidate: Candidate, browser: httpx.Client):
    grant = candidate.create(can_stream=True, question="extra", track="audio", content_type="audio/webm").json()
    assert grant["parts"]["max_bytes"] == STREAM_BYTES

    reply = browser.put(stream_url(candidate, grant), content=in_pieces(bytes(STREAM_BYTES), MIB))
    assert reply.status_code == 200
    reply = browser.put(stream_url(candidate, grant, 2), content=in_pieces(bytes(STREAM_BYTES + MIB), MIB))
    assert reply.status_code == 413


def test_page_that_cannot_stream_gets_the_usual_layout(candidate: Candidate):
    grant = candidate.create(track="audio", content_type="audio/webm", take=2).json()
    refused = candidate.post("/api/uploads/stream", {"upload": grant["upload"], "number": 1, "offset": 0})

    assert not grant["parts"]["is_streamed"]
    assert refused.status_code == 422


def test_nothing_is_signed_beyond_the_questions_limit(candidate: Candidate):
    grant = candidate.create(can_stream=True, track="audio", content_type="audio/webm", take=2).json()
    far = {"upload": grant["upload"], "number": 2, "offset": 2**40}

    assert candidate.post("/api/uploads/stream", far).status_code == 422


def test_page_is_told_the_gateway_and_allowed_to_reach_it(candidate: Candidate, gateway: RunningGateway):
    assert candidate.get("/api/interview").json()["stream_origin"] == gateway.url
    policy = candidate.client.get("/").headers["content-security-policy"]
    assert gateway.url in next(rule for rule in policy.split(";") if "connect-src" in rule)


def test_signer_without_a_gateway_gives_no_streams(client: httpx.Client, tickets: Tickets):
    candidate = Candidate(client, tickets, f"s-{secrets.token_hex(6)}")

    assert candidate.get("/api/interview").json()["stream_origin"] is None
    assert not candidate.create(can_stream=True).json()["parts"]["is_streamed"]


def test_policy_that_fixes_the_parts_is_not_streamed_unless_it_says_so():
    fixed, streamed = UploadPolicy(part_bytes=8 * MIB), UploadPolicy(part_bytes=8 * MIB, layout=Layout.STREAM)

    assert layout_for(UploadPolicy(), PROFILES["aws"], can_stream=True) is Layout.STREAM
    assert layout_for(fixed, PROFILES["aws"], can_stream=True) is Layout.MULTIPART
    assert layout_for(streamed, PROFILES["aws"], can_stream=True) is Layout.STREAM
    assert layout_for(UploadPolicy(layout=Layout.FOLDED), PROFILES["aws"], can_stream=True) is Layout.FOLDED


def test_what_cannot_be_streamed_is_folded_or_sent_in_parts_as_before():
    asked = UploadPolicy(layout=Layout.STREAM)

    assert layout_for(asked, PROFILES["aws"]) is Layout.FOLDED
    assert layout_for(asked, EMBEDDED) is Layout.MULTIPART


def test_streamed_parts_keep_to_the_stores_minimum_and_are_equal_where_it_wants_that():
    rules = {
        name: rules_for(Layout.STREAM, UploadPolicy(), PROFILES[name], 256 * MIB, None)
        for name in ("embedded", "aws", "r2")
    }

    sizes = {name: (one.min_bytes, one.max_bytes) for name, one in rules.items()}
    assert sizes == {"embedded": (64 * 1024, STREAM_BYTES), "aws": (WINDOW, STREAM_BYTES), "r2": (WINDOW, WINDOW)}
    assert all(one.is_streamed and not one.are_equal for one in rules.values())
