"""A stand-in for flagd: its sync service, over the same stubs, sending what flagd's own handler sends.

The true one is a Go program that none of the registries has from which tests are installed.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

import grpc
import trustme
from openfeature.schemas.protobuf.flagd.sync.v1.sync_pb2 import SyncFlagsRequest, SyncFlagsResponse
from openfeature.schemas.protobuf.flagd.sync.v1.sync_pb2_grpc import (
    FlagSyncServiceServicer,
    add_FlagSyncServiceServicer_to_server,
)

HOST = "127.0.0.1"
_STREAMS = 8  # that may be open at once
_STOP_S = 10

Sent = SimpleQueue[str | grpc.StatusCode | None]


def as_flagd_serves(flags: dict[str, Any]) -> str:
    """Return flags as flagd gives them on: with their source, and "" for a default that is not set."""
    return json.dumps(
        {
            "flags": {
                name: {
                    **flag,
                    "defaultVariant": flag.get("defaultVariant") or "",
                    "source": "flags.json",
                    "metadata": {},
                }
                for name, flag in flags.items()
            }
        }
    )


class Flagd(FlagSyncServiceServicer):
    def __init__(self, authority: trustme.CA | None = None) -> None:
        """`authority`: None means without TLS."""
        self._authority = authority
        self._text = '{"flags": {}}'
        self._streams: list[Sent] = []
        self._server: grpc.Server | None = None
        self.port = 0  # any free one at first, and then the same one
        self.selectors: list[tuple[str, str]] = []  # of each stream: in the request, and in its header

    def start(self) -> None:
        self._server = grpc.server(ThreadPoolExecutor(_STREAMS), options=[("grpc.so_reuseport", 0)])
        add_FlagSyncServiceServicer_to_server(self, self._server)
        where = f"{HOST}:{self.port}"
        if self._authority is None:
            self.port = self._server.add_insecure_port(where)
        else:
            made = self._authority.issue_cert(HOST)
            chain = b"".join(one.bytes() for one in made.cert_chain_pems)
            credentials = grpc.ssl_server_credentials([(made.private_key_pem.bytes(), chain)])
            self.port = self._server.add_secure_port(where, credentials)
        self._server.start()

    def stop(self) -> None:
        """End every stream without a word, as when flagd is killed. May be called twice."""
        if self._server is not None:
            stopped = self._server.stop(None)
            self._send(None)
            assert stopped.wait(_STOP_S)
            self._server = None

    def serve(self, **flags: Any) -> None:
        """Change the flags; every open stream is told, and every new one begins with them."""
        self.serve_text(as_flagd_serves(flags))

    def serve_text(self, text: str) -> None:
        self._text = text
        self._send(text)

    def end_streams(self, status: grpc.StatusCode) -> None:
        self._send(status)

    def has_been_asked(self, times: int) -> bool:
        return len(self.selectors) == times

    def FetchAllFlags(self, request: object, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "no signer calls it")

    GetMetadata = FetchAllFlags

    def SyncFlags(  # noqa: N802 - its name on the wire
        self, request: SyncFlagsRequest, context: grpc.ServicerContext
    ) -> Iterator[SyncFlagsResponse]:
        header = dict(context.invocation_metadata()).get("flagd-selector", "")
        self.selectors.append((request.selector, str(header)))
        sent: Sent = SimpleQueue()
        sent.put(self._text)
        self._streams.append(sent)
        context.add_callback(lambda: sent.put(None))  # when the signer ends the stream
        while (what := sent.get()) is not None:
            if isinstance(what, grpc.StatusCode):
                context.abort(what, "as the test wants it")
            else:
                yield SyncFlagsResponse(flag_configuration=what)

    def _send(self, what: str | grpc.StatusCode | None) -> None:
        for stream in self._streams:
            stream.put(what)


def certificate_of(authority: trustme.CA, folder: Path) -> Path:
    """Write what a signer must trust; return the file."""
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return path
