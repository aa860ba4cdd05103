"""The store behind the fault proxies: the embedded one, or one that the environment names, with folded parts.

    SLIPSTREAM_FAULTS_STORE=http://ID:SECRET@127.0.0.1:7480 SLIPSTREAM_FAULTS_RESTART='…' pytest tests/faults

The restart command ends the store without a warning and returns once it answers again. All workers share the store, so
tests that run beside a restart may fail by it: with `-n 0` none does.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from server.store.bucket_rules import rules
from server.store.embedded import BUCKET, EmbeddedStore, free_port, is_taken
from server.store.profiles import PROFILES
from tests.support.settings import FAR_STORE
from tests.support.stack import s3_client

_RESTART_S = 20


class FaultyStore(Protocol):
    url: str
    key_id: str
    key_secret: str

    def settings(self) -> Mapping[str, str]:
        """Return what the signer must be told of this store beside its address and its key."""

    def restart(self) -> None:
        """End the store without a warning and wait until it is back."""


class Embedded:
    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self.url, self.key_id, self.key_secret = store.url, store.key_id, store.key_secret

    def settings(self) -> Mapping[str, str]:
        return {
            "SLIPSTREAM_S3_PROFILE": "generic",
            "SLIPSTREAM_S3_MIN_PART_BYTES": "1",
            "SLIPSTREAM_S3_SIGNS_MD5": "false",  # the store's preflight does not let the header through
        }

    def restart(self) -> None:
        """Its open uploads are lost."""
        ended = self._store.pid
        assert ended is not None
        os.kill(ended, signal.SIGKILL)
        deadline = time.monotonic() + _RESTART_S
        while self._store.pid == ended or not is_taken(self._store.port):
            assert time.monotonic() < deadline, "the store has not come back"
            time.sleep(0.05)


class Far:
    """A store of its own, with S3's minimum of 5 MiB a part."""

    def __init__(self, url: str, profile: str) -> None:
        parts = urlsplit(url)
        self.url = f"{parts.scheme}://{parts.hostname}:{parts.port}"
        self.key_id, self.key_secret = parts.username or "", parts.password or ""
        self._profile = profile

    def settings(self) -> Mapping[str, str]:
        return {"SLIPSTREAM_S3_PROFILE": self._profile}

    def restart(self) -> None:
        subprocess.run(os.environ["SLIPSTREAM_FAULTS_RESTART"], shell=True, check=True)

    def let_in(self, page_origin: str) -> None:
        """Make the bucket, and let pages of this host in: tests side by side have several ports, and one bucket."""
        s3 = s3_client(self.url, self.key_id, self.key_secret)
        s3.create_bucket(Bucket=BUCKET)
        host = page_origin.rpartition(":")[0]
        wanted = rules(f"{host}:*", PROFILES[self._profile], {})["CORS"]
        s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=wanted)
        s3.close()


@contextmanager
def running_store(data: Path, *, page_origin: str, port: int, key_id: str, key_secret: str) -> Iterator[FaultyStore]:
    """Run the embedded store on `port`, unless the environment names another one, which runs already."""
    if FAR_STORE is not None:
        far = Far(FAR_STORE, os.environ.get("SLIPSTREAM_FAULTS_PROFILE", "ceph"))
        far.let_in(page_origin)
        yield far
        return
    with EmbeddedStore(data, page_origin=page_origin, port=port, key_id=key_id, key_secret=key_secret) as store:
        yield Embedded(store)


def port_of_store() -> int:
    """Return the port at which the store will answer."""
    return urlsplit(FAR_STORE).port or 80 if FAR_STORE is not None else free_port()
