"""Row 36: what one caller sends, or a store that hangs, holds up nobody else."""

import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from app.contract import Interview, Question, TextRules, Track
from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.document_sizes import max_submission_bytes
from server.signer.tickets import Tickets
from tests.support.signer_client import Candidate, served
from tests.support.stub_store import StoreReply, StoreRequest, stub_store

PROMPT_S = 8.0  # far below the store's own time-outs; a busy machine takes seconds itself
MANY = 30  # calls that wait for the store at the same time
MIB = 1024 * 1024


@contextmanager
def _hanging(settings: Settings) -> Iterator[tuple[httpx.Client, threading.Semaphore]]:
    """Serve the signer over a store that takes every call and answers none; it counts them."""
    taken, ends = threading.Semaphore(0), threading.Event()

    def hang(_: StoreRequest) -> StoreReply:
        taken.release()
        ends.wait(60)
        return StoreReply(200)

    with stub_store(hang) as storage, socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(200)
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with (
            served(create_app(settings, make_signer(settings, storage)), listener),
            httpx.Client(base_url=base_url, trust_env=False, timeout=90) as client,
        ):
            try:
                yield client, taken
            finally:
                ends.set()


def test_row_36_while_a_store_hangs_the_page_is_served_and_nobody_waits_for_ever(settings: Settings, tickets: Tickets):
    headers = {"Authorization": f"Bearer {tickets.mint(session='s', interview='trial', life_s=3600)}"}
    paths = ["/api/health"] * 20 + ["/api/interview"] * 40
    with _hanging(settings) as (client, taken), ThreadPoolExecutor(len(paths)) as pool:
        pending = [pool.submit(client.get, path, headers=headers) for path in paths]
        for _ in range(MANY):
            assert taken.acquire(timeout=30), "the store was asked by fewer"

        times = [_timed(partial(client.get, path)) for path in ("/", "/api/live") * 3]

        assert max(times) < PROMPT_S, times
        assert client.get("/api/live").json() == {"status": "ok"}
        replies = [one.result() for one in pending]
    assert {reply.status_code for reply in replies} == {503}
    assert {reply.json()["type"] for reply in replies} == {"urn:slipstream:problem:store-unavailable"}
    assert all("retry-after" in reply.headers for reply in replies)
    assert max(reply.elapsed.total_seconds() for reply in replies) < 40


def _timed(call: Callable[[], httpx.Response]) -> float:
    started = time.monotonic()
    assert call().status_code == 200
    return time.monotonic() - started


def _submission_of_gaps(size: int, gap: str = "{}") -> bytes:
    track = {"key": "k", "size": 1, "sha256": None, "content_type": "video/mp4", "duration_s": 1, "gaps": []}
    body = json.dumps({"answers": [{"question": "both", "take": 1, "tracks": {"video": track}}]})
    return body.replace("[]", f"[{','.join([gap] * (size // (len(gap) + 1)))}]").encode()


@pytest.mark.parametrize("size", [20_000, 150_000, 2_300_000])
@pytest.mark.parametrize("gap", ["{}", '{"at_s":0,"duration_s":0}'])
def test_row_36_a_body_of_gaps_alone_holds_up_nobody(candidate: Candidate, size: int, gap: str):
    body = _submission_of_gaps(size, gap)
    headers = {**candidate.headers, "Content-Type": "application/json"}
    candidate.get("/api/interview")
    before = _peak()
    replies: list[httpx.Response] = []

    def send() -> None:
        client = candidate.client
        replies.extend(client.post("/api/submission", content=body, headers=headers, timeout=60) for _ in range(3))

    sending = threading.Thread(target=send)
    started = time.monotonic()
    sending.start()
    times = []
    while sending.is_alive():
        times.append(_timed(lambda: candidate.client.get("/")))
        time.sleep(0.01)
    took_s = time.monotonic() - started

    assert {reply.status_code for reply in replies} <= {413, 422}
    assert took_s < PROMPT_S, f"three bodies took {took_s:.1f} s"
    assert max(times) < PROMPT_S, times
    assert _peak() - before < 100 * MIB


def _peak() -> int:
    """Return the most memory that this process, which is the signer's too, has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("ticket", [None, "forged"])
def test_row_36_without_a_ticket_nobody_waits_for_a_body(candidate: Candidate, ticket: str | None):
    authorization = f"Authorization: Bearer {ticket}\r\n" if ticket else ""
    with _sending(candidate, "/api/submission", authorization, said=250_000, sent=b'{"answers":') as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_row_36_a_body_of_another_type_is_not_waited_for(candidate: Candidate):
    ticket = f"Authorization: Bearer {candidate.ticket}\r\n"
    with _sending(candidate, "/api/submission", ticket, said=250, sent=b"x", kind="text/plain") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 415 ")


def test_row_36_a_body_that_does_not_come_is_given_up(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("server.http.request_body._IDLE_S", 0.3)
    ticket = f"Authorization: Bearer {candidate.ticket}\r\n"
    with _sending(candidate, "/api/uploads", ticket, said=250, sent=b"{") as connection:
        assert _timed(lambda: candidate.client.get("/api/live")) < PROMPT_S
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")


@contextmanager
def _sending(
    candidate: Candidate, path: str, headers: str, *, said: int, sent: bytes, kind: str = "application/json"
) -> Iterator[socket.socket]:
    """Announce a body and send some of it."""
    url = candidate.client.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=5) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: {url.host}\r\nContent-Type: {kind}\r\nContent-Length: {said}\r\n"
        connection.sendall(f"{head}{headers}\r\n".encode() + sent)
        yield connection


def test_a_submission_may_be_as_long_as_the_interview_lets_it_be(candidate: Candidate):
    spoken = Question(id="a", prompt="?", tracks=(Track.VIDEO, Track.AUDIO))
    written = Question(id="b", prompt="?", text=TextRules(max_characters=100_000))

    def limit(*questions: Question) -> int:
        return max_submission_bytes(Interview(id="i", title="I", questions=questions))

    assert limit(spoken) < 20_000
    assert limit(written) > 600_000
    many: Any = [written.model_copy(update={"id": f"q{number}"}) for number in range(200)]
    assert limit(*many) == 8 * MIB
