"""Signers as operators run them: several processes, from settings alone."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from server.settings import ROOT
from server.store.embedded import BUCKET, EmbeddedStore, free_port

START_S, STOP_S = 30, 20


@dataclass(frozen=True)
class Signers:
    """One command and its workers."""

    process: "subprocess.Popen[str]"
    url: str
    log: Path


def settings_of(store: EmbeddedStore, secret: str) -> dict[str, str]:
    """Return the environment by which signers take a running embedded store for the operator's bucket."""
    return {
        "SLIPSTREAM_S3_ENDPOINT": store.url,
        "SLIPSTREAM_S3_BUCKET": BUCKET,
        "SLIPSTREAM_S3_PROFILE": "embedded",
        "AWS_ACCESS_KEY_ID": store.key_id,
        "AWS_SECRET_ACCESS_KEY": store.key_secret,
        "SLIPSTREAM_SECRET": secret,
    }


def start_signers(settings: Mapping[str, str], log: Path, *, port: int, workers: int = 2) -> "subprocess.Popen[str]":
    """Start it with nothing of the caller's own settings, by the command of docs/DEPLOYING.md."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLIPSTREAM_", "AWS_"))}
    command = [sys.executable, "serve.py", "signer", "--port", str(port), "--workers", str(workers)]
    with log.open("w") as said:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=clean | dict(settings),
            stdout=said,
            stderr=said,
            text=True,
        )


@contextmanager
def running_signers(settings: Mapping[str, str], folder: Path, *, port: int = 0, workers: int = 2) -> Iterator[Signers]:
    """Run signers until the context ends; its log is under `folder`."""
    port, log = port or free_port(), folder / "signers.log"
    process = start_signers(settings, log, port=port, workers=workers)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process, log)
        yield Signers(process, url, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: "subprocess.Popen[str]", log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(f"{url}/api/live", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("no signer answers")
