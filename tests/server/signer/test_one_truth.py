"""Row 37: whoever submits, and whatever arrives after that, there is one receipt, and what it names stays."""

import copy
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

import httpx
import pytest

from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.tickets import Tickets
from server.store.access import embedded
from server.store.embedded import EmbeddedStore
from server.store.storage import Storage
from tests.support.signer_client import Candidate, served
from tests.support.stub_store import StoreReply, StoreRequest, error, stub_store

AT_ONCE = 8


@pytest.fixture(scope="module")
def two_signers(settings: Settings, store: EmbeddedStore) -> Iterator[list[str]]:
    """Serve the same sessions from two signers that know nothing of each other."""
    with ExitStack() as ends:
        urls = []
        for _ in range(2):
            listener = ends.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP))
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            ends.enter_context(served(create_app(settings, make_signer(settings, embedded(settings, store))), listener))
            urls.append(f"http://127.0.0.1:{listener.getsockname()[1]}")
        yield urls


def _submit_at_once(urls: list[str], candidate: Candidate, bodies: list[Any]) -> list[httpx.Response]:
    together = Barrier(len(bodies))

    def submit(place: int) -> httpx.Response:
        with httpx.Client(base_url=urls[place % len(urls)], headers=candidate.headers, trust_env=False) as client:
            client.get("/api/live")  # connected
            together.wait()
            return client.post("/api/submission", json={"answers": bodies[place]}, timeout=30)

    with ThreadPoolExecutor(len(bodies)) as pool:
        return [*pool.map(submit, range(len(bodies)))]


def _written(storage: Storage, candidate: Candidate) -> Any:
    body = storage.objects.read(f"trial/{candidate.session}/submission.json")
    assert body is not None
    return json.loads(body)


def test_row_37_submissions_at_the_same_time_get_one_receipt(
    two_signers: list[str], candidate: Candidate, storage: Storage
):
    answers = candidate.answers()

    replies = _submit_at_once(two_signers, candidate, [answers] * AT_ONCE)

    assert {reply.status_code for reply in replies} == {200}
    assert {reply.text for reply in replies} == {replies[0].text}
    assert _written(storage, candidate) == replies[0].json()


def test_row_37_of_different_submissions_at_the_same_time_one_is_taken(
    two_signers: list[str], candidate: Candidate, storage: Storage
):
    answers, other = candidate.answers(), []
    for number in range(AT_ONCE):
        other.append(copy.deepcopy(answers))
        other[-1][1]["text"] = f"No. {number}"

    replies = _submit_at_once(two_signers, candidate, other)

    [taken] = [reply for reply in replies if reply.status_code == 200]
    assert {reply.status_code for reply in replies if reply is not taken} == {403}
    assert _written(storage, candidate) == taken.json()


def test_row_37_an_upload_that_ends_later_leaves_what_is_stored_as_it_is(
    candidate: Candidate, tickets: Tickets, storage: Storage
):
    first = candidate.create().json()
    # Where a store cannot list what is open, or for a moment, another device may begin the same.
    handle = tickets.read_handle(first["upload"], tickets.read(candidate.ticket))
    late_upload = storage.multipart.create(handle.key, "video/mp4", "another's")
    late = tickets.mint_handle(handle.model_copy(update={"store_upload": late_upload, "token": "another's"}))
    late_parts = candidate.send(late, [b"late"])
    candidate.complete(first["upload"], candidate.send(first["upload"], [b"first!"]))

    refused = candidate.complete(late, late_parts)

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:slipstream:problem:take-exists")
    assert storage.objects.read(handle.key) == b"first!"
    assert storage.multipart.open_uploads(handle.key) == []


def test_row_37_the_receipt_binds_what_it_names(candidate: Candidate, storage: Storage):
    answers = candidate.answers()
    receipt = candidate.post("/api/submission", {"answers": answers}).json()

    named = {one["key"]: one for one in receipt["objects"]}
    assert named.keys() == {track["key"] for track in answers[0]["tracks"].values()}
    for key, one in named.items():
        found = storage.objects.head(key)
        assert found is not None
        assert (one["size"], one["etag"], one["version"]) == (found.size, found.etag, found.version)


def test_row_37_a_documents_url_hardly_outlives_the_session(candidate: Candidate):
    document = {"question": "written", "take": 1, "size": 2, "md5": "0" * 32}

    assert candidate.post("/api/documents/sign", document).json()["life_s"] <= 60


class _Bucket:
    """Keep objects in memory; treat `If-None-Match` as some stores do."""

    def __init__(self, manner: str) -> None:
        self.manner = manner
        self.objects: dict[str, bytes] = {}
        self.writes = 0

    def __call__(self, request: StoreRequest) -> StoreReply:
        if request.method == "HEAD":
            return StoreReply(200) if request.path in self.objects else StoreReply(404)
        if request.is_conditional and self.manner == "refuses":
            return error(501, "NotImplemented")
        if request.is_conditional and self.manner == "complains":
            return error(400, "InvalidArgument")
        if request.is_conditional and self.manner == "knows" and request.path in self.objects:
            return error(412, "PreconditionFailed")
        if request.method == "POST":
            self.objects[request.path] = b"assembled"
            return StoreReply(200, b"<CompleteMultipartUploadResult/>", {"Content-Type": "application/xml"})
        self.writes += 1
        self.objects[request.path] = request.body
        return StoreReply(200, headers={"ETag": '"0"'})


@pytest.mark.parametrize("manner", ["knows", "ignores", "refuses", "complains"])
def test_a_store_that_keeps_what_was_first_is_told_from_one_that_does_not(manner: str):
    bucket = _Bucket(manner)
    with stub_store(bucket) as storage:
        kept = [
            storage.objects.write_once(key, body, "text/plain") for key, body in (("a", b"1"), ("a", b"2"), ("b", b"3"))
        ]

    assert kept == [manner == "knows"] * 3
    assert bucket.objects == {"/bucket/a": b"1", "/bucket/b": b"3"}
    assert bucket.writes <= 3, "once more to find out, and never again"


@pytest.mark.parametrize("manner", ["knows", "ignores", "refuses", "complains"])
def test_an_object_is_assembled_whatever_the_store_makes_of_the_condition(manner: str):
    bucket = _Bucket(manner)
    with stub_store(bucket) as storage:
        storage.multipart.complete("a", "upload", [])
        storage.multipart.complete("b", "upload", [])

    assert bucket.objects == {"/bucket/a": b"assembled", "/bucket/b": b"assembled"}
