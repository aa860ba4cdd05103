"""A TCP relay that stands for the candidate's uplink before the store.

`python -m tests.benchmarks.relay LISTEN TO [BITS_PER_SECOND]`: ports of this machine. Without a rate it only passes on
(the kernel shapes then). Replies are never slowed down. On SIGTERM it prints how many bytes went up, and when: a list
of pairs, seconds since 1970 and the bytes by then.
"""

import asyncio
import json
import signal
import socket
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable

from tests.benchmarks.bucket import TokenBucket

HOST = "127.0.0.1"
BLOCK = 8192  # bytes taken at once: short enough for two connections to share a slow line evenly
BURST = 16_384
SAMPLE_S = 0.05
WINDOW = 64 * 1024  # of the listening socket: what is read ahead is no longer held back


class Relay:
    """Pass connections on to a port, slowing down what goes up."""

    def __init__(self, to_port: int, bits_per_second: float | None) -> None:
        self.sent = 0  # bytes up
        self.progress: list[tuple[float, int]] = []  # seconds since 1970, and the bytes by then
        self._to_port = to_port
        self._bucket = TokenBucket(bits_per_second / 8, BURST) if bits_per_second else None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self, port: int) -> asyncio.Server:
        """Listen on `port`; 0 finds one."""
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self._bucket is not None:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        listening.bind((HOST, port))
        return await asyncio.start_server(self._accept, sock=listening)

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        # Tasks of our own: asyncio's are loud when the relay ends while a connection is kept alive.
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        store_reader, store_writer = await asyncio.open_connection(HOST, self._to_port)
        try:
            await asyncio.gather(self._up(reader, store_writer), _pass(store_reader, writer))
        except OSError:
            pass  # either end may go away at any time, and takes the other with it
        finally:
            store_writer.close()
            writer.close()

    async def _up(self, reader: StreamReader, writer: StreamWriter) -> None:
        clock = asyncio.get_running_loop().time

        async def hold(size: int) -> None:
            self._note(size)
            if self._bucket is not None:
                await asyncio.sleep(self._bucket.take(size, clock()))

        await _pass(reader, writer, hold)

    def _note(self, size: int) -> None:
        self.sent += size
        now = time.time()
        if not self.progress or now - self.progress[-1][0] >= SAMPLE_S:
            self.progress.append((now, self.sent))


async def _pass(
    reader: StreamReader, writer: StreamWriter, hold: Callable[[int], Awaitable[None]] | None = None
) -> None:
    while data := await reader.read(BLOCK):
        if hold is not None:
            await hold(len(data))
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def _main(listen: int, to_port: int, bits_per_second: float | None) -> None:
    relay = Relay(to_port, bits_per_second)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    server = await relay.start(listen)
    print("ready", flush=True)
    await stopping.wait()
    server.close()
    print(json.dumps([*relay.progress, (time.time(), relay.sent)]), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) if sys.argv[3:] else None))
