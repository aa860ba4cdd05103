"""The proxy before a small upstream: each fault is seen on both sides of it."""

import hashlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.faults.calls import Kind
from tests.support.faults.proxy import Proxy
from tests.support.faults.rules import (
    Answer,
    Change,
    Corrupt,
    CutReply,
    Delay,
    LoseReply,
    Reset,
    Rule,
    Slow,
    Stall,
    Truncate,
)
from tests.support.faults.small_server import Upstream

BODY = bytes(range(256)) * 64
PART = "/bucket/key?partNumber=1&uploadId=7&X-Amz-Signature=secret"
BROKEN = (ConnectionError, http.client.BadStatusLine, http.client.IncompleteRead)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(upstream) -> Iterator[Proxy]:
    with Proxy(upstream.server_port) as running:
        yield running
        running.assert_all_fired()


@pytest.fixture
def client(proxy) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
    yield connection
    connection.close()


def put(client, body=BODY):
    try:
        client.request("PUT", PART, body, {"Origin": "http://page"})
        with client.getresponse() as reply:
            return reply.status, dict(reply.getheaders()), reply.read()
    except BROKEN:
        client.close()  # http.client does so only where it was reading
        raise


def test_request_and_reply_pass_unchanged_and_the_connection_stays(proxy, client, upstream):
    for _ in range(2):
        status, headers, body = put(client)
        assert (status, body) == (200, b"stored")
        assert headers["ETag"].strip('"') == hashlib.md5(BODY).hexdigest()

    assert upstream.came == [BODY] * 2
    assert upstream.hosts == [f"127.0.0.1:{proxy.port}"] * 2, "Host is signed"
    first, second = proxy.passed(Kind.PART)
    assert (first.is_first, second.is_first) == (True, False)
    assert first.is_acknowledged
    assert (first.call.number, first.size) == (1, len(BODY))
    assert "secret" not in repr(proxy.passed())


def test_reply_to_head_keeps_its_length(client):
    client.request("HEAD", "/bucket/key")
    with client.getresponse() as reply:
        assert reply.headers.get_all("Content-Length") == ["12345"]
        assert reply.read() == b""


@pytest.mark.parametrize("after", [0.0, 0.1, 0.5, 0.99])
def test_reset_comes_before_the_upstream_hears_anything(proxy, client, upstream, after):
    proxy.add(Rule(Reset(after), Kind.PART))
    with pytest.raises(BROKEN):
        put(client)

    assert upstream.came == []
    assert proxy.passed()[-1].status is None
    assert put(client)[0] == 200


def test_stalled_connection_stays_open_without_a_word(proxy, client, upstream):
    client.timeout = 0.3
    proxy.add(Rule(Stall(0.5), Kind.PART))
    with pytest.raises(TimeoutError):
        put(client)

    assert upstream.came == []


def test_narrow_proxy_lets_a_client_notice_that_nobody_reads(proxy):
    proxy.up(narrow=True)
    proxy.add(Rule(Stall(0.0), Kind.PART))
    with socket.create_connection(("127.0.0.1", proxy.port)) as peer:
        peer.sendall(f"PUT {PART} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n".encode())
        peer.settimeout(0.3)

        with pytest.raises(TimeoutError):
            peer.sendall(bytes(128 * 1024))


def test_canned_reply_never_reaches_the_upstream(proxy, client, upstream):
    proxy.add(Rule(Answer(503, {"Retry-After": "7"}, b"<Code>SlowDown</Code>")), Rule(Answer(503, has_cors=False)))
    status, headers, body = put(client)
    assert (status, body) == (503, b"<Code>SlowDown</Code>")
    assert headers["Access-Control-Allow-Origin"] == "http://page"
    assert headers["Retry-After"] == "7"

    status, headers, _ = put(client)
    assert (status, "Access-Control-Allow-Origin" in headers) == (503, False)
    assert upstream.came == []


def test_lost_reply_was_a_success_upstream(proxy, client, upstream):
    proxy.add(Rule(LoseReply(), Kind.PART))
    with pytest.raises(BROKEN):
        put(client)

    assert upstream.came == [BODY]
    assert not proxy.passed()[-1].is_acknowledged


def test_cut_reply_ends_in_the_middle(proxy, client, upstream):
    proxy.add(Rule(CutReply(0.95), Kind.PART))
    with pytest.raises(BROKEN):
        put(client)

    assert upstream.came == [BODY]


def test_corrupt_flips_one_bit(proxy, client, upstream):
    proxy.add(Rule(Corrupt(0.5), Kind.PART))
    _, headers, _ = put(client)

    [came] = upstream.came
    differing = [index for index, pair in enumerate(zip(came, BODY, strict=True)) if pair[0] != pair[1]]
    assert differing == [len(BODY) // 2]
    assert headers["ETag"].strip('"') != hashlib.md5(BODY).hexdigest()
    assert not proxy.passed()[-1].is_acknowledged


def test_truncated_body_ends_early_upstream(proxy, client, upstream):
    proxy.add(Rule(Truncate(0.25), Kind.PART))
    put(client)

    assert upstream.came == [BODY[: len(BODY) // 4]]


def test_reply_may_be_changed(proxy, client):
    proxy.add(
        Rule(Change(headers={"etag": None})),
        Rule(Change(headers={"ETag": '"0"'})),
        Rule(Change(status=201, body=b"<html>")),
    )
    assert "ETag" not in put(client)[1]
    assert put(client)[1]["ETag"] == '"0"'
    status, _, body = put(client)
    assert (status, body) == (201, b"<html>")


def test_slow_and_limited_bodies_take_their_time(proxy, client):
    started = time.monotonic()
    proxy.add(Rule(Slow(len(BODY) * 5), Kind.PART))
    put(client)
    assert time.monotonic() - started >= 0.15

    started = time.monotonic()
    proxy.limit(len(BODY) * 5)
    put(client)
    assert time.monotonic() - started >= 0.15


def test_delayed_reply_comes_late(proxy, client):
    started = time.monotonic()
    proxy.add(Rule(Delay(before_s=0.1, after_s=0.1)))
    assert put(client)[0] == 200
    assert time.monotonic() - started >= 0.2


def test_pulled_plug_cuts_what_is_open_and_refuses_what_comes(proxy, client):
    put(client)
    peer = client.sock
    proxy.down()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)
    client.close()
    with pytest.raises(ConnectionRefusedError):
        put(client)
    client.close()

    proxy.up()
    assert put(client)[0] == 200


def test_reply_right_before_the_plug_is_pulled_counts_as_unread(proxy, client):
    for _ in range(2):
        put(client)
    proxy.down()

    first, second = proxy.passed(Kind.PART)
    assert (first.is_acknowledged, second.status, second.is_acknowledged) == (True, 200, False)


def test_fault_that_a_pulled_plug_has_cut_short_waits_for_another_call(proxy, client):
    proxy.add(lost := Rule(LoseReply()))
    client.putrequest("PUT", PART)
    client.putheader("Content-Length", str(len(BODY)))
    client.endheaders(BODY[:100])
    deadline = time.monotonic() + 10
    while not lost.seen:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    proxy.down()
    client.close()
    assert not lost.has_fired

    proxy.up()
    with pytest.raises(BROKEN):
        put(client)
    assert lost.has_fired


def test_black_hole_takes_connections_and_says_nothing(proxy, client):
    client.timeout = 0.3
    proxy.silence()
    with pytest.raises(TimeoutError):
        put(client)
    client.close()

    proxy.up()
    assert put(client)[0] == 200


def test_upstream_that_is_gone_looks_like_a_reset(proxy, client, upstream):
    upstream.server_close()
    with pytest.raises(BROKEN):
        put(client)
