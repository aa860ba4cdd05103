"""Row 36: a connection that sends no whole request is closed, and an end is not waited for without end."""

import socket
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.settings import ROOT
from server.signer.tickets import Tickets
from tests.support.signer_client import SECRET, Candidate
from tests.support.stack import read_ready, start_serve
from tests.support.stub_store import StoreReply, StoreRequest, stub_store

MANY = 300


def opened(candidate: Candidate, sent: bytes) -> socket.socket:
    url = candidate.client.base_url
    connection = socket.create_connection((url.host, url.port or 80), timeout=10)
    connection.sendall(sent)
    return connection


def post(host: str, *, sent: bytes) -> bytes:
    head = (
        f"POST /api/uploads HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n"
    )
    return head.encode() + sent


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["nothing", "half a head"])
def test_row_36_connection_without_a_whole_head_is_closed(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch, sent: bytes
):
    monkeypatch.setattr("server.http.connections.HEAD_S", 0.5)
    with opened(candidate, sent) as connection:
        assert connection.recv(100) == b""


def test_row_36_all_of_many_posts_that_are_never_finished_end(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("server.http.connections.HEAD_S", 1.0)
    with ExitStack() as all_of_them:
        request = post(str(candidate.client.base_url.host), sent=b'{"question": ')
        connections = [all_of_them.enter_context(opened(candidate, request)) for _ in range(MANY)]
        replies = [connection.recv(4096) for connection in connections]
        assert {reply[:12] for reply in replies} == {b"HTTP/1.1 401"}

        ends = [_ends_though_fed(connection) for connection in connections]

    assert ends.count(True) == MANY


def _ends_though_fed(connection: socket.socket) -> bool:
    """Return whether the connection ends although a byte of the body arrives now and then."""
    connection.settimeout(0.05)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            connection.sendall(b" ")
            if connection.recv(4096) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def test_reply_that_nobody_reads_ends_its_connection(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("server.http.connections.UNREAD_S", 0.5)
    large = "/static/vendor/pyodide/pyodide.asm.wasm"
    with opened(candidate, f"GET {large} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as connection:
        threading.Event().wait(1.5)
        got = 0
        with suppress(ConnectionError):
            while more := connection.recv(1_000_000):
                got += len(more)

    assert 0 < got < (ROOT / large.lstrip("/")).stat().st_size


def test_row_36_bodies_that_stall_take_no_more_room_than_is_set_aside(candidate: Candidate):
    body = '{"upload": "' + "x" * 1_900_000
    head = f"POST /api/uploads/complete HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {candidate.ticket}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n"
    with ExitStack() as all_of_them:
        connections = [all_of_them.enter_context(opened(candidate, (head + body).encode())) for _ in range(12)]
        refused = [connection for connection in connections if _replies(connection)]

        assert len(refused) >= 7, "10 MiB hold five of them"
        assert candidate.get("/api/interview").status_code == 200
    assert candidate.create().status_code in (201, 429)


def _replies(connection: socket.socket) -> bool:
    connection.settimeout(1)
    try:
        return connection.recv(100).startswith(b"HTTP/1.1 429")
    except TimeoutError:
        return False


def test_connection_that_asks_again_and_again_stays(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("server.http.connections.HEAD_S", 1.0)
    with opened(candidate, b"") as connection:
        for _ in range(5):
            connection.sendall(b"GET /api/live HTTP/1.1\r\nHost: x\r\n\r\n")
            assert _whole_reply(connection).startswith(b"HTTP/1.1 200")
            threading.Event().wait(0.3)  # together longer than the time for one head


def _whole_reply(connection: socket.socket) -> bytes:
    reply = b""
    while not reply.endswith(b'{"status":"ok"}'):
        reply += (more := connection.recv(4096))
        assert more, "the connection has ended"
    return reply


def test_row_36_end_is_not_held_up_by_a_store_that_hangs(tmp_path: Path):
    hanging, asked, ends = threading.Event(), threading.Semaphore(0), threading.Event()

    def answer(_: StoreRequest) -> StoreReply:
        if hanging.is_set():
            asked.release()
            ends.wait(60)
        return StoreReply(200)

    with stub_store(answer) as storage, ExitStack() as waiting:
        env = _environment(str(storage.access.endpoint), tmp_path)
        process = waiting.enter_context(start_serve(["--port", "0"], env, subprocess.DEVNULL))
        try:
            ready = urlsplit(read_ready(process))
            port = ready.port
            assert not ready.fragment, "standard output may be a log, and a ticket of a real bucket has no place there"
            hanging.set()
            ticket = Tickets(SECRET).mint(session="s", interview="demo", life_s=60)
            for path in ["/api/health", *["/api/interview"] * 5]:
                connection = waiting.enter_context(socket.create_connection(("127.0.0.1", port)))
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ticket}\r\n\r\n".encode())
            for _ in range(6):
                assert asked.acquire(timeout=20)
            started = time.monotonic()
            process.terminate()
            process.wait(60)
            took_s = time.monotonic() - started
        finally:
            ends.set()
            process.kill()
            process.wait()

    assert process.returncode == 0
    assert took_s < 9, f"the grace is 5 s, and it took {took_s:.1f} s"


def _environment(endpoint: str, data: Path) -> dict[str, str]:
    return {
        "SLIPSTREAM_S3_ENDPOINT": endpoint,
        "SLIPSTREAM_S3_BUCKET": "b",
        "SLIPSTREAM_S3_PROFILE": "minio",
        "SLIPSTREAM_SECRET": SECRET,
        "SLIPSTREAM_DATA": str(data),
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
