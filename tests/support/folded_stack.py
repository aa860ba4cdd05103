"""Slipstream over a store with S3's minimum of 5 MiB a part, where small parts are folded."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from pydantic import JsonValue

from server.store.embedded import free_port
from tests.support.seaweed import KEY_ID, KEY_SECRET, running_seaweed
from tests.support.stack import Stack, read_ready, s3_client, start_serve


@contextmanager
def running_folded_stack(tmp_path: Path, *, policy: Mapping[str, JsonValue], interviews: Path) -> Iterator[Stack]:
    """Run `serve.py` with SeaweedFS as the operator's own bucket."""
    secret, port, log = secrets.token_urlsafe(48), free_port(), tmp_path / "serve.log"
    with running_seaweed(tmp_path / "seaweed", [f"http://127.0.0.1:{port}"]) as store:
        settings = store.settings() | {
            "SLIPSTREAM_SECRET": secret,
            "SLIPSTREAM_POLICY": json.dumps(dict(policy)),
            "SLIPSTREAM_INTERVIEWS": str(interviews),
        }
        with log.open("w", encoding="utf-8") as log_file:
            process = start_serve(
                ["--port", str(port), "--data", str(tmp_path / "recordings")], settings, stderr=log_file.fileno()
            )
            ready_link = read_ready(process, log)
        with closing(s3_client(store.url, KEY_ID, KEY_SECRET)) as s3:
            stack = Stack(process, ready_link, store.url, tmp_path, log, secret, s3)
            try:
                yield stack
            finally:
                stack.stop()
