"""Slipstream behind a gateway that takes streams."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from server.store.embedded import free_port
from tests.support.stack import Stack, running_stack
from tests.support.stream_gateway import RunningGateway, running_gateway


@dataclass(frozen=True)
class Streamed:
    stack: Stack
    gateway: RunningGateway


@contextmanager
def running_streamed_stack(
    tmp_path: Path, *, policy: Mapping[str, JsonValue], interviews: Path, protocols: str = "ssl http2"
) -> Iterator[Streamed]:
    """Run `serve.py` with the embedded store, and nginx before that store."""
    port, store_port = free_port(), free_port()
    store_url, page_origin = f"http://127.0.0.1:{store_port}", f"http://127.0.0.1:{port}"
    with (
        running_gateway(tmp_path / "gateway", store_url, page_origin, protocols=protocols) as gateway,
        running_stack(
            tmp_path,
            policy=policy,
            env=gateway.settings(),
            interviews=interviews,
            port=port,
            store_port=store_port,
        ) as stack,
    ):
        yield Streamed(stack, gateway)
