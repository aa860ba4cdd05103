"""The edge to flagd: its stream of flags, over gRPC. Needs requirements/flagd.txt."""

from collections.abc import Iterator

import grpc
from openfeature.schemas.protobuf.flagd.sync.v1.sync_pb2 import SyncFlagsRequest
from openfeature.schemas.protobuf.flagd.sync.v1.sync_pb2_grpc import FlagSyncServiceStub

from server.flagd_address import FlagdAddress

_LIFE_S = 600.0  # of one stream, as in flagd's own clients: so a connection that has died unnoticed is found


class FlagdLost(Exception):
    """flagd cannot be reached, or has ended the stream; `str()` says why."""


class FlagdStream:
    def __init__(self, address: FlagdAddress) -> None:
        self._address = address
        self._call: grpc.Call | None = None
        self._is_closed = False

    def texts(self) -> Iterator[str]:
        """Yield the flags as JSON: those of now, and the new ones whenever they change.

        Ends when it is time to open a new stream. Raises FlagdLost.
        """
        has_flags = False
        selector = self._address.selector
        request = SyncFlagsRequest(provider_id="slipstream", selector=selector)  # here alone flagd before 0.11 finds it
        metadata = (("flagd-selector", selector),) if selector else None
        try:
            with self._channel() as channel:
                replies = FlagSyncServiceStub(channel).SyncFlags(request, timeout=_LIFE_S, metadata=metadata)
                self._call = replies
                if self._is_closed:
                    replies.cancel()
                for reply in replies:
                    has_flags = True
                    yield reply.flag_configuration
        except OSError as error:
            raise FlagdLost(f"{self._address.cert_path}: {error.strerror}") from error
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED and has_flags:
                return  # ours, or the one of flagd's `--stream-deadline`
            raise FlagdLost(f"{error.code().name}: {error.details()}") from error
        raise FlagdLost("it has ended the stream")

    def close(self) -> None:
        """End the stream; every later one ends at once."""
        self._is_closed = True  # before the look at the call: whichever thread is second then cancels it
        if self._call is not None:
            self._call.cancel()

    def _channel(self) -> grpc.Channel:
        # A new one each time: gRPC's own waits between tries would come on top of ours, and hide why a try fails.
        options = [("grpc.use_local_subchannel_pool", 1)]
        if not self._address.is_tls:
            return grpc.insecure_channel(self._address.target, options)
        path = self._address.cert_path
        credentials = grpc.ssl_channel_credentials(path.read_bytes() if path is not None else None)
        return grpc.secure_channel(self._address.target, credentials, options)
