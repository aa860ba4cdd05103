"""A lean HTTP/1.1 client for one candidate: httpx would need more processor time than the signer that is measured."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Address = tuple[str, int]
_TIMEOUT_S = 60.0


class CallFailed(Exception):
    """No upstream has answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes


class LeanClient:
    """Keep one connection; go on to the next upstream when one does not answer, as a proxy before two signers does.

    Every call of the signer may be repeated: that is part of its contract.
    """

    def __init__(self, upstreams: Sequence[Address], first: int = 0) -> None:
        self._upstreams = upstreams
        self._at = first % len(upstreams)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.failovers = 0

    async def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Return the answer. Raises CallFailed if no upstream gives one."""
        host, port = self._upstreams[self._at]
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        if self._streams is not None:
            try:
                return await self._ask(request)
            except (OSError, asyncio.IncompleteReadError):
                self.close()  # a kept connection may have been closed meanwhile: that says nothing of the upstream
        for _ in self._upstreams:
            try:
                return await self._ask(request)
            except (OSError, asyncio.IncompleteReadError):
                self.close()
                self.failovers += 1
                self._at = (self._at + 1) % len(self._upstreams)
        raise CallFailed(f"{method} {path.partition('?')[0]}: no upstream answers")

    async def _ask(self, request: bytes) -> Answer:
        async with asyncio.timeout(_TIMEOUT_S):
            if self._streams is None:
                self._streams = await asyncio.open_connection(*self._upstreams[self._at])
            reader, writer = self._streams
            writer.write(request)
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, *lines = head.split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(status.split(" ", 2)[1]), headers, body)

    def close(self) -> None:
        """Close the connection. May be called twice."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
