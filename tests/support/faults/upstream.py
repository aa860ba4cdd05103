"""The proxy as a client: one request, one connection, one reply."""

import asyncio
from dataclasses import dataclass

import h11

LOOPBACK = "127.0.0.1"
# Of one connection, not of the message. Expect is answered by the proxy itself.
_HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"expect"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: list[tuple[bytes, bytes]]  # without those of the connection
    body: bytes

    def header(self, name: bytes) -> str:
        """Return a header by its name in small letters; "" if it is not there."""
        return next((value.decode() for key, value in self.headers if key.lower() == name), "")


async def forward(port: int, request: h11.Request, body: bytes, keep: int | None = None) -> Reply:
    """Pass a request on and return its reply.

    The headers go as they came, Host too: it is signed. With `keep`, so many bytes of the body follow, and no more.

    Raises:
        OSError, EOFError, h11.ProtocolError: there was no whole reply.
    """
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=64 * 1024)
        headers = [*_kept(request.headers.raw_items()), (b"Connection", b"close")]
        if body:
            headers.append((b"Content-Length", str(len(body)).encode()))
        elif request.method in (b"PUT", b"POST"):
            headers.append((b"Content-Length", b"0"))
        writer.write(connection.send(h11.Request(method=request.method, target=request.target, headers=headers)) or b"")
        if body:
            writer.write(connection.send(h11.Data(body[:keep])) or b"")
        if keep is None:
            writer.write(connection.send(h11.EndOfMessage()) or b"")
        else:
            writer.write_eof()
        await writer.drain()
        return await _read(connection, reader, is_head=request.method == b"HEAD")
    finally:
        writer.transport.abort()


async def _read(connection: h11.Connection, reader: asyncio.StreamReader, *, is_head: bool) -> Reply:
    head: h11.Response | None = None
    body = bytearray()
    while True:
        match connection.next_event():
            case h11.NEED_DATA:
                connection.receive_data(await reader.read(64 * 1024))
            case h11.Response() as head:
                pass
            case h11.Data(data=data):
                body += data
            case h11.EndOfMessage() if head is not None:
                raw = head.headers.raw_items()
                # What HEAD asks for is the length of a body that does not come.
                length = [(name, value) for name, value in raw if is_head and name.lower() == b"content-length"]
                return Reply(head.status_code, [*_kept(raw), *length], bytes(body))
            case h11.ConnectionClosed() | h11.PAUSED:
                raise EOFError("no reply")
            case _:
                pass  # 100 Continue and the like


def _kept(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]
