"""A reverse proxy that does what a bad network does: it stands before the store, the signer, or both."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

from tests.support.faults.calls import Kind, Passed
from tests.support.faults.connection import BLOCK, Connection, Line, Pacer
from tests.support.faults.rules import Rule
from tests.support.faults.upstream import LOOPBACK

_PATIENCE_S = 10
_TURNS = 3  # of the loop: accepted, connected, served
_NARROW_WINDOW = 1024  # bytes
_NARROW_SEGMENT = 536  # bytes; on loopback a segment is 64 KiB, and a send buffer begins with ten of them


class Proxy:
    """Serve on a free port of this machine while the context is open, in a thread of its own.

    Requests are taken in whole, then passed on with their own Host header (it is signed), then the reply.
    """

    def __init__(self, upstream_port: int) -> None:
        self._line = Line(upstream_port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self._live: set[asyncio.Task[None]] = set()
        # Bound and never listening: the port stays ours while nobody answers at it.
        self._reserved = _bound(0)
        self.port: int = self._reserved.getsockname()[1]

    @property
    def origin(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()
        self._reserved.close()

    # What goes wrong.

    def add(self, *rules: Rule) -> None:
        self._line.script.add(*rules)

    def down(self) -> None:
        """Pull the plug: cut what is open, refuse what comes."""
        self._run(self._down())

    def up(self, *, narrow: bool = False) -> None:
        """Serve (again); what is open is cut.

        `narrow` keeps all buffers small: a client that sends 128 KiB notices that nobody reads them.
        """
        self._run(self._down())
        self._line.is_silent = False
        self._run(self._up(narrow))

    def silence(self) -> None:
        """Become a black hole: connections stay or are made, nothing is read or answered."""
        self._line.is_silent = True

    def limit(self, bytes_per_s: float | None) -> None:
        """Let all requests' bodies together come in at this pace; None: without a limit."""
        self._line.pacer = Pacer(bytes_per_s)

    def mend(self) -> None:
        """Forget every rule, limit and log line, and serve."""
        self.down()  # first: what passed between the last rule and the cut would be logged, and its reply lost
        self._line.script.clear()
        self._line.log.clear()
        self.limit(None)
        self.up()

    # What happened.

    def passed(self, kind: Kind | None = None) -> list[Passed]:
        """Return the requests that came, in order of their coming."""
        return [one for one in list(self._line.log) if kind in (None, one.call.kind)]

    def assert_all_fired(self) -> None:
        self._line.script.assert_all_fired()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    async def _up(self, narrow: bool) -> None:
        listener = _bound(self.port)
        if narrow:  # before it listens: connections inherit both
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW_WINDOW)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _NARROW_SEGMENT)
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=BLOCK)

    async def _down(self) -> None:
        if self._server is None:
            return
        for listener in self._server.sockets:
            self._loop.remove_reader(listener.fileno())
        for _ in range(_TURNS):  # asyncio forgets, open, what it has accepted and not yet attached to its server
            await asyncio.sleep(0)
        self._server.close()
        for task in self._live:
            task.cancel()
        await asyncio.gather(*self._live, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._live.add(task)
        task.add_done_callback(self._live.discard)
        await Connection(self._line, reader, writer).serve()


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((LOOPBACK, port))
    return bound
