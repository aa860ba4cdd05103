"""Slipstream over a store that answers as Google's documents say, where answers go into resumable sessions."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from server.store.embedded import BUCKET, free_port
from tests.support.scripted_gcs import ScriptedGcs, running_gcs
from tests.support.stack import Stack, read_ready, s3_client, start_serve

KEY_ID, KEY_SECRET = "GOOG-key", "for tests alone"


@dataclass(frozen=True)
class Resumable:
    stack: Stack
    store: ScriptedGcs


@contextmanager
def running_resumable_stack(
    tmp_path: Path, *, policy: Mapping[str, JsonValue], interviews: Path, shows_range: bool = True
) -> Iterator[Resumable]:
    """Run `serve.py` with the store as the operator's own bucket."""
    secret, port, log = secrets.token_urlsafe(48), free_port(), tmp_path / "serve.log"
    store = ScriptedGcs(shows_range=shows_range)
    with running_gcs(store) as origin:
        settings = {
            "SLIPSTREAM_S3_ENDPOINT": origin,
            "SLIPSTREAM_S3_BUCKET": BUCKET,
            "SLIPSTREAM_S3_PROFILE": "gcs",
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": KEY_SECRET,
            "NO_PROXY": "127.0.0.1",
            "SLIPSTREAM_SECRET": secret,
            "SLIPSTREAM_POLICY": json.dumps({"layout": "resumable", **policy}),
            "SLIPSTREAM_INTERVIEWS": str(interviews),
        }
        with log.open("w", encoding="utf-8") as log_file:
            arguments = ["--port", str(port), "--data", str(tmp_path / "recordings")]
            process = start_serve(arguments, settings, stderr=log_file.fileno())
            ready_link = read_ready(process, log)
        with closing(s3_client(origin, KEY_ID, KEY_SECRET)) as s3:
            stack = Stack(process, ready_link, origin, tmp_path, log, secret, s3)
            try:
                yield Resumable(stack, store)
            finally:
                stack.stop()
                said = log.read_text(encoding="utf-8")
                assert "upload_id" not in said, "the server's log holds a session"
