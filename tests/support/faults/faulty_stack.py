"""Slipstream with a fault proxy on each of its three roads: page → signer, page → store, signer → store."""

import json
import os
import secrets
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from server.store.embedded import BUCKET, EmbeddedStore, free_port, is_taken
from tests.support.faults.proxy import Proxy
from tests.support.stack import Stack, read_ready, s3_client, start_serve

_RESTART_S = 20


@dataclass(frozen=True)
class FaultyStack:
    stack: Stack  # `base_url` leads through the proxy; `s3` asks the store itself
    signer: Proxy  # page → page's files and signer
    store: Proxy  # page → store
    back: Proxy  # signer → store
    embedded: EmbeddedStore

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
        """End the store without a warning and wait until it is back, without its open uploads."""
        ended = self.embedded.pid
        assert ended is not None
        os.kill(ended, signal.SIGKILL)
        deadline = time.monotonic() + _RESTART_S
        while self.embedded.pid == ended or not is_taken(self.embedded.port):
            assert time.monotonic() < deadline, "the store has not come back"
            time.sleep(0.05)


@contextmanager
def running_faulty_stack(
    tmp_path: Path,
    *,
    policy: Mapping[str, JsonValue],
    interviews: Path,
    store_settings: Mapping[str, str] | None = None,
) -> Iterator[FaultyStack]:
    """Run everything. The store is a bucket of its own to the signer, so that this road has its proxy too."""
    secret, key_id, key_secret = secrets.token_urlsafe(48), secrets.token_hex(10), secrets.token_hex(20)
    page_port, store_port = free_port(), free_port()
    data, log = tmp_path / "recordings", tmp_path / "serve.log"
    with ExitStack() as ends:
        signer, store, back = (ends.enter_context(Proxy(port)) for port in (page_port, store_port, store_port))
        embedded = EmbeddedStore(data, page_origin=signer.origin, port=store_port, key_id=key_id, key_secret=key_secret)
        ends.enter_context(embedded)
        settings = {
            "SLIPSTREAM_SECRET": secret,
            "SLIPSTREAM_POLICY": json.dumps(dict(policy)),
            "SLIPSTREAM_INTERVIEWS": str(interviews),
            "SLIPSTREAM_URL": signer.origin,
            "SLIPSTREAM_STORE_URL": store.origin,
            "SLIPSTREAM_S3_ENDPOINT": back.origin,
            "SLIPSTREAM_S3_BUCKET": BUCKET,
            "SLIPSTREAM_S3_PROFILE": "generic",
            "SLIPSTREAM_S3_MIN_PART_BYTES": "1",
            "SLIPSTREAM_S3_SIGNS_MD5": "false",  # the store's preflight does not let the header through
            "AWS_ACCESS_KEY_ID": key_id,
            "AWS_SECRET_ACCESS_KEY": key_secret,
            "NO_PROXY": "127.0.0.1",  # nor any proxy but ours
            **(store_settings or {}),
        }
        log_file = ends.enter_context(log.open("w", encoding="utf-8"))
        process = start_serve(["--port", str(page_port), "--data", str(data)], settings, stderr=log_file.fileno())
        s3 = s3_client(embedded.url, key_id, key_secret)
        ends.callback(s3.close)
        stack = Stack(process, read_ready(process, log), embedded.url, data, log, secret, s3)
        ends.callback(stack.stop)
        yield FaultyStack(stack, signer, store, back, embedded)
