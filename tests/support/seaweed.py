"""A real S3 store with the minimum of 5 MiB a part, part copies and conditional writes: SeaweedFS, from PyPI."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx

from server.store.bucket_rules import rules
from server.store.client import StoreAccess
from server.store.embedded import BUCKET, is_taken
from server.store.profiles import PROFILES
from server.store.storage import Storage
from tests.support.stack import s3_client

KEY_ID, KEY_SECRET = "seaweed-key", "seaweed-secret-seaweed-secret"
START_S = 30
_GRPC = 10_000  # it adds this to each port
_PORTS, _OF_A_WORKER = 12_000, 1_000
_numbers = count(os.getpid())  # another run at the same time begins elsewhere


@dataclass(frozen=True)
class Seaweed:
    url: str
    bucket: str = BUCKET

    def settings(self) -> dict[str, str]:
        """Return the environment that points Slipstream at this store."""
        return {
            "SLIPSTREAM_S3_ENDPOINT": self.url,
            "SLIPSTREAM_S3_BUCKET": self.bucket,
            "SLIPSTREAM_S3_PROFILE": "seaweedfs",
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": KEY_SECRET,
            "NO_PROXY": "127.0.0.1",
        }


@contextmanager
def running_seaweed(folder: Path, page_origins: list[str]) -> Iterator[Seaweed]:
    """Run the store with one bucket; its CORS rule lets pages of these origins in."""
    folder.mkdir(parents=True, exist_ok=True)
    identity = {
        "name": "signer",
        "credentials": [{"accessKey": KEY_ID, "secretKey": KEY_SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    ports = {name: _port() for name in ("master", "volume", "filer", "s3")}
    command = [
        str(Path(sys.executable).with_name("weed")),
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-s3",
        f"-s3.config={config}",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=0",
        "-s3.port.iceberg=0",  # not needed, and their ports are the same for every store
        "-s3.port.lance=0",
        *(f"-{name}.port={port}" for name, port in ports.items()),
    ]
    url = f"http://127.0.0.1:{ports['s3']}"
    with (folder / "weed.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait(url, process)
            _make_bucket(url, page_origins)
            yield Seaweed(url)
        finally:
            process.kill()  # nothing of it is kept


def _port() -> int:
    """Return a port that no other worker of this run is given.

    The kernel gives none of these out by itself, as it would give a free one to the next program that asks before the
    store listens: two stores that start together have met on one port.
    """
    first = _PORTS + _OF_A_WORKER * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = first + next(_numbers) % _OF_A_WORKER
        if not (is_taken(port) or is_taken(port + _GRPC)):
            return port


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the store has ended"
        try:
            if httpx.get(f"{url}/healthz", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError("the store does not answer")


def _make_bucket(url: str, page_origins: list[str]) -> None:
    s3 = s3_client(url, KEY_ID, KEY_SECRET)
    s3.create_bucket(Bucket=BUCKET)
    wanted = [rules(origin, PROFILES["seaweedfs"], {})["CORS"]["CORSRules"][0] for origin in page_origins]
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": wanted})
    s3.close()


def storage_of(store: Seaweed) -> Storage:
    """Return the store as the signer uses it."""
    access = StoreAccess(
        bucket=store.bucket,
        region="us-east-1",
        endpoint=store.url,
        public_endpoint=None,
        profile=PROFILES["seaweedfs"],
        key_id=KEY_ID,
        key_secret=KEY_SECRET,
    )
    return Storage(access)
