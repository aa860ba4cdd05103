"""Slipstream with a fault proxy on each of its three roads: page → signer, page → store, signer → store."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from server.store.embedded import BUCKET, free_port
from tests.support.faults.proxy import Proxy
from tests.support.faults.rules import Rule
from tests.support.faults.stores import FaultyStore, port_of_store, running_store
from tests.support.stack import Stack, read_ready, s3_client, start_serve


@dataclass(frozen=True)
class FaultyStack:
    stack: Stack  # `base_url` leads through the proxy; `s3` asks the store itself
    signer: Proxy  # page → page's files and signer
    store: Proxy  # page → store
    back: Proxy  # signer → store
    behind: FaultyStore

    @property
    def proxies(self) -> tuple[Proxy, ...]:
        return self.signer, self.store, self.back

    def mend(self) -> None:
        """Make everything well and forget what has passed."""
        for proxy in self.proxies:
            proxy.mend()

    def assert_all_fired(self) -> None:
        for proxy in self.proxies:
            proxy.assert_all_fired()

    def restart_store(self) -> None:
        """End the store without a warning and wait until it is back. The embedded one has lost its open uploads."""
        self.behind.restart()


@contextmanager
def running_faulty_stack(
    tmp_path: Path,
    *,
    policy: Mapping[str, JsonValue],
    interviews: Path,
    store_settings: Mapping[str, str] | None = None,
    at_start: Sequence[Rule] = (),
) -> Iterator[FaultyStack]:
    """Run everything. The store is a bucket of its own to the signer, so that this road has its proxy too.

    `at_start` are rules between page and store while `serve` looks at both; `mend` forgets them.
    """
    secret, key_id, key_secret = secrets.token_urlsafe(48), secrets.token_hex(10), secrets.token_hex(20)
    page_port, store_port = free_port(), port_of_store()
    data, log = tmp_path / "recordings", tmp_path / "serve.log"
    with ExitStack() as ends:
        signer, store, back = (ends.enter_context(Proxy(port)) for port in (page_port, store_port, store_port))
        store.add(*at_start)
        behind = ends.enter_context(
            running_store(data, page_origin=signer.origin, port=store_port, key_id=key_id, key_secret=key_secret)
        )
        settings = {
            "SLIPSTREAM_SECRET": secret,
            "SLIPSTREAM_POLICY": json.dumps(dict(policy)),
            "SLIPSTREAM_INTERVIEWS": str(interviews),
            "SLIPSTREAM_URL": signer.origin,
            "SLIPSTREAM_STORE_URL": store.origin,
            "SLIPSTREAM_S3_ENDPOINT": back.origin,
            "SLIPSTREAM_S3_BUCKET": BUCKET,
            "AWS_ACCESS_KEY_ID": behind.key_id,
            "AWS_SECRET_ACCESS_KEY": behind.key_secret,
            "NO_PROXY": "127.0.0.1",  # nor any proxy but ours
            **behind.settings(),
            **(store_settings or {}),
        }
        log_file = ends.enter_context(log.open("w", encoding="utf-8"))
        process = start_serve(["--port", str(page_port), "--data", str(data)], settings, stderr=log_file.fileno())
        s3 = s3_client(behind.url, behind.key_id, behind.key_secret)
        ends.callback(s3.close)
        stack = Stack(process, read_ready(process, log), behind.url, data, log, secret, s3)
        ends.callback(stack.stop)
        yield FaultyStack(stack, signer, store, back, behind)
