"""One client's connection through the proxy: requests in, faults on them, replies out."""

import asyncio
import hashlib
import socket
import struct
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import NoReturn

import h11

from tests.support.faults.calls import Passed, SmallParts, read_call
from tests.support.faults.rules import (
    Answer,
    Change,
    Corrupt,
    CutReply,
    Delay,
    Fault,
    LoseReply,
    Reset,
    Rule,
    Script,
    Slow,
    Stall,
    Truncate,
)
from tests.support.faults.upstream import Reply, forward

BLOCK = 4096  # small, so that what is not read stays with the client
_TO_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time to end politely
_EXPOSED = b"ETag, Retry-After"
_UNREAD_S = 1.0  # a reset throws away what the client has received and not yet read


class Cut(Exception):
    """The client is to see its connection break."""


class Pacer:
    """Let so many bytes pass a second, whoever brings them."""

    def __init__(self, bytes_per_s: float | None = None) -> None:
        self.bytes_per_s = bytes_per_s  # None: as fast as they come
        self._free_at = 0.0

    async def let(self, size: int) -> None:
        if self.bytes_per_s is not None:
            now = time.monotonic()
            self._free_at = max(self._free_at, now) + size / self.bytes_per_s
            await asyncio.sleep(self._free_at - now)


@dataclass
class Line:
    """What all connections of a proxy share."""

    upstream_port: int
    script: Script = field(default_factory=Script)
    log: list[Passed] = field(default_factory=list)
    small_parts: SmallParts = field(default_factory=SmallParts)
    pacer: Pacer = field(default_factory=Pacer)
    is_silent: bool = False


class Connection:
    def __init__(self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._line = line
        self._reader = reader
        self._writer = writer
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=64 * 1024)
        self._answered: Passed | None = None  # the latest; None: the client has read it, and asked anew

    async def serve(self) -> None:
        """Return when either side has ended it."""
        is_first = True
        try:
            while isinstance(request := await self._next_event(), h11.Request):
                await self._exchange(request, is_first)
                if self._h11.our_state is not h11.DONE:
                    break
                self._h11.start_next_cycle()
                is_first = False
            self._writer.close()
        except asyncio.CancelledError:  # the proxy cancels what it cuts, and nobody waits for this task
            self._reset()
            if (last := self._answered) is not None:
                last.is_unread = time.time() - last.answered_at < _UNREAD_S
        except (Cut, OSError, EOFError, h11.ProtocolError):
            self._reset()

    async def _exchange(self, request: h11.Request, is_first: bool) -> None:
        headers = dict(request.headers)
        length = int(headers.get(b"content-length", b"0"))
        call = self._line.small_parts.numbered(read_call(request.method.decode(), request.target.decode(), length))
        rule = self._line.script.take(call)
        passed = Passed(call, time.time(), is_first, referrer=headers.get(b"referer", b"").decode())
        self._line.log.append(passed)
        self._answered = None
        fired = rule.fired if rule is not None else 0
        try:
            body = await self._body(length, rule, passed)
            reply = await self._reply(request, body, rule)
            await self._send(request, reply, rule, passed)
        except asyncio.CancelledError:
            if rule is not None and rule.fired == fired:
                rule.seen -= 1  # the proxy was cut before it came to anything: it waits for another call
            raise

    async def _body(self, length: int, rule: Rule | None, passed: Passed) -> bytes:
        fault = _fault(rule)
        wanted = int(fault.after * length) if isinstance(fault, Reset | Stall) else None
        pacer = Pacer(fault.bytes_per_s) if isinstance(fault, Slow) else self._line.pacer
        body = bytearray()
        while wanted is None or len(body) < wanted:
            event = await self._next_event()
            if not isinstance(event, h11.Data):
                break
            body += event.data
            await pacer.let(len(event.data))
        passed.size, passed.md5 = len(body), hashlib.md5(body).hexdigest()
        if wanted is not None:
            _fire(rule)
            if isinstance(fault, Reset):
                raise Cut
            await _hold()
        return bytes(body)

    async def _reply(self, request: h11.Request, body: bytes, rule: Rule | None) -> Reply:
        match _fault(rule):
            case Answer() as answer:
                _fire(rule)
                return _canned(answer, request)
            case Corrupt(at=at) if body:
                place = min(int(at * len(body)), len(body) - 1)
                body = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
                reply = await self._forward(request, body)
            case Truncate(keep=keep) if body:
                reply = await self._forward(request, body, int(keep * len(body)))
            case Delay(before_s=before_s, after_s=after_s):
                await asyncio.sleep(before_s)
                reply = await self._forward(request, body)
                await asyncio.sleep(after_s)
            case LoseReply():
                await self._forward(request, body)
                _fire(rule)
                raise Cut
            case Change() as change:
                reply = _changed(await self._forward(request, body), change)
            case Slow():
                reply = await self._forward(request, body)
            case _:
                return await self._forward(request, body)
        _fire(rule)
        return reply

    def _forward(self, request: h11.Request, body: bytes, keep: int | None = None) -> Awaitable[Reply]:
        return forward(self._line.upstream_port, request, body, keep)

    async def _send(self, request: h11.Request, reply: Reply, rule: Rule | None, passed: Passed) -> None:
        headers = list(reply.headers)
        if request.method != b"HEAD" and reply.status not in (204, 304):
            headers.append((b"Content-Length", str(len(reply.body)).encode()))
        raw = self._h11.send(h11.Response(status_code=reply.status, headers=headers)) or b""
        if reply.body:
            raw += self._h11.send(h11.Data(reply.body)) or b""
        raw += self._h11.send(h11.EndOfMessage()) or b""
        if isinstance(fault := _fault(rule), CutReply):
            self._writer.write(raw[: int(fault.after * len(raw))])
            await self._writer.drain()
            _fire(rule)
            raise Cut
        # Noted first: a test that sees the page react finds it in the log.
        passed.etag = reply.header(b"etag").strip('"')
        passed.status, passed.answered_at = reply.status, time.time()
        self._answered = passed
        self._writer.write(raw)
        await self._writer.drain()

    async def _next_event(self) -> object:
        while (event := self._h11.next_event()) is h11.NEED_DATA:
            if self._h11.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                self._writer.write(self._h11.send(go_on) or b"")
            data = await self._reader.read(BLOCK)
            if self._line.is_silent:
                await _hold()
            self._h11.receive_data(data)
        return event

    def _reset(self) -> None:
        peer: socket.socket = self._writer.get_extra_info("socket")
        if peer.fileno() >= 0:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _TO_RESET)
        self._writer.transport.abort()


def _fault(rule: Rule | None) -> Fault | None:
    return rule.fault if rule is not None else None


def _fire(rule: Rule | None) -> None:
    if rule is not None:
        rule.fired += 1


async def _hold() -> NoReturn:
    """Do nothing until the proxy cuts this connection."""
    await asyncio.Event().wait()
    raise Cut


def _canned(answer: Answer, request: h11.Request) -> Reply:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    origin = dict(request.headers).get(b"origin")
    if answer.has_cors and origin is not None:
        headers += [(b"Access-Control-Allow-Origin", origin), (b"Access-Control-Expose-Headers", _EXPOSED)]
    return Reply(answer.status, headers, b"" if request.method == b"HEAD" else answer.body)


def _changed(reply: Reply, change: Change) -> Reply:
    replaced = {name.lower().encode() for name in change.headers}
    headers = [(name, value) for name, value in reply.headers if name.lower() not in replaced]
    headers += [(name.encode(), value.encode()) for name, value in change.headers.items() if value is not None]
    return Reply(
        reply.status if change.status is None else change.status,
        headers,
        reply.body if change.body is None else change.body,
    )
