"""The relay that stands in for a slow uplink where the kernel may not."""

import asyncio

import pytest

from tests.benchmarks.bucket import TokenBucket
from tests.benchmarks.relay import HOST, Relay
from tests.support import loop


def test_a_burst_passes_at_once_and_the_rest_at_the_rate():
    bucket = TokenBucket(bytes_per_second=100, burst=50)

    assert bucket.take(50, now=0.0) == 0
    assert bucket.take(100, now=0.0) == 1
    assert bucket.take(100, now=0.0) == 2  # who comes next waits for the debt too


def test_time_pays_the_debt_but_never_fills_above_the_burst():
    bucket = TokenBucket(bytes_per_second=100, burst=50)
    bucket.take(150, now=0.0)

    assert bucket.take(0, now=1.0) == 0
    assert bucket.take(150, now=1000.0) == 1


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (1, 0), (-1, 1)])
def test_a_bucket_without_rate_or_burst_is_refused(rate, burst):
    with pytest.raises(ValueError, match="above zero"):
        TokenBucket(rate, burst)


def test_relay_passes_bytes_both_ways_and_slows_what_goes_up():
    async def talk() -> tuple[bytes, int, float]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"%d" % len(await reader.read(-1)))
            writer.close()

        store = await asyncio.start_server(answer, HOST, 0)
        relay = Relay(store.sockets[0].getsockname()[1], bits_per_second=1_600_000)
        server = await relay.start(0)
        reader, writer = await asyncio.open_connection(HOST, server.sockets[0].getsockname()[1])
        clock = asyncio.get_running_loop().time
        started = clock()
        writer.write(bytes(56_384))  # the burst, and 40,000 more: 0.2 s
        writer.write_eof()
        reply = await reader.read()
        took_s = clock() - started
        writer.close()
        for open_server in (server, store):
            open_server.close()
        return reply, relay.sent, took_s

    reply, sent, took_s = loop.run(talk())

    assert (reply, sent) == (b"56384", 56_384)
    assert took_s > 0.19
