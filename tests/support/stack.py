"""The whole of Slipstream as a child process: page, signer and a real S3 store, on free ports."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import httpx
from botocore.config import Config
from pydantic import JsonValue

from server.http.launch_url import launch_url
from server.settings import ROOT
from server.signer.part_sizes import WINDOW
from server.signer.tickets import Tickets
from server.store.bucket_rules import TAIL_PREFIX
from server.store.embedded import BUCKET, free_port
from tests.support.settings import FAR_STORE, PART_BYTES

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CLAIM = re.compile(r"/device-[0-9a-f]{32}$")  # server/signer/devices.py
_BY_THE_SIGNER = ("/efficiency.json", "/session.json")
READY_TIMEOUT_S = 30
STOP_TIMEOUT_S = 15


@dataclass
class Stack:
    """A running `serve.py`, and the means to look into its store."""

    process: subprocess.Popen[str]
    ready_link: str  # as printed: page and demo ticket
    store_origin: str  # the store itself, also where the page reaches it through a proxy
    data: Path
    log: Path  # everything it said on standard error
    secret: str
    s3: "S3Client"

    @property
    def base_url(self) -> str:
        """The page's origin."""
        url = urlsplit(self.ready_link)
        return f"{url.scheme}://{url.netloc}"

    def ticket(
        self,
        *,
        session: str | None = None,
        interview: str = "demo",
        life_s: int = 3600,
        name: str = "",
        locale: str = "",
        policy: dict[str, JsonValue] | None = None,
    ) -> str:
        return Tickets(self.secret).mint(
            session=session or f"t-{secrets.token_hex(6)}",
            interview=interview,
            life_s=life_s,
            name=name,
            locale=locale,
            policy=policy,
        )

    def ticket_link(
        self,
        *,
        session: str | None = None,
        interview: str = "demo",
        life_s: int = 3600,
        name: str = "",
        locale: str = "",
        policy: dict[str, JsonValue] | None = None,
    ) -> str:
        """Return a link to the page for a new session, or for the one that is named."""
        ticket = self.ticket(
            session=session, interview=interview, life_s=life_s, name=name, locale=locale, policy=policy
        )
        return launch_url(self.base_url, ticket)

    def objects(self, prefix: str = "") -> dict[str, int]:
        """Return the size of every object by key, but for those that the signer writes by itself, at any moment."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        stored = [found for page in pages for found in page.get("Contents", [])]
        return {found["Key"]: found["Size"] for found in stored if not found["Key"].endswith(_BY_THE_SIGNER)}

    def read(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def open_uploads(self, prefix: str = "") -> dict[str, str]:
        """Return the store's upload id of every multipart upload that is open, by key; a device's claim is none."""
        try:
            found = self.s3.list_multipart_uploads(Bucket=BUCKET, Prefix=prefix)
        except self.s3.exceptions.NoSuchUpload:  # what rclone says where nothing is open
            return {}
        media = [upload for upload in found.get("Uploads", []) if not _CLAIM.search(upload["Key"])]
        return {upload["Key"]: upload["UploadId"] for upload in media}

    def stored_parts(self, key: str) -> list[tuple[int, int]]:
        """Return number and size of the parts that an open upload has; none if it is not open."""
        upload = self.open_uploads(key).get(key)
        if upload is None:
            return []
        try:
            if FAR_STORE is not None:
                return self._folded_parts(key, upload)
            return self._parts_of(key, upload)
        except (self.s3.exceptions.NoSuchUpload, self.s3.exceptions.NoSuchKey):  # completed in between; Ceph says key
            return []

    def _parts_of(self, key: str, upload: str) -> list[tuple[int, int]]:
        pages = self.s3.get_paginator("list_parts").paginate(Bucket=BUCKET, Key=key, UploadId=upload)
        return [(part["PartNumber"], part["Size"]) for page in pages for part in page.get("Parts", [])]

    def _folded_parts(self, key: str, upload: str) -> list[tuple[int, int]]:
        """Return the small parts of which the store has folded one object, as if they were parts of the upload."""
        windows = len(self._parts_of(key, upload))
        ends = [int(tail.rpartition("/")[2]) for tail in self.objects(f"{TAIL_PREFIX}{key}/")]
        count = windows * (WINDOW // PART_BYTES) + max((end for end in ends if end < WINDOW), default=0) // PART_BYTES
        return [(number, PART_BYTES) for number in range(1, count + 1)]

    def stop(self, with_signal: signal.Signals = signal.SIGINT) -> int:
        """End it and return its exit code. May be called twice."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        return self.process.returncode


@contextmanager
def running_stack(
    tmp_path: Path,
    *,
    policy: Mapping[str, JsonValue] | None = None,
    env: Mapping[str, str] | None = None,
    interviews: Path | None = None,
    port: int = 0,
    store_port: int = 0,
) -> Iterator[Stack]:
    """Run `serve.py` with its data under `tmp_path`; `port` is the page's own.

    `policy` overrides the defaults; an interview's and a ticket's own still win. To put a proxy before
    the store, choose `store_port` and set SLIPSTREAM_STORE_URL in `env` to the proxy's origin.
    """
    data, log = tmp_path / "recordings", tmp_path / "serve.log"
    store_port = store_port or free_port()
    secret, key_id, key_secret = secrets.token_urlsafe(48), secrets.token_hex(10), secrets.token_hex(20)
    settings = {
        "SLIPSTREAM_SECRET": secret,
        "SLIPSTREAM_STORE_KEY_ID": key_id,
        "SLIPSTREAM_STORE_KEY_SECRET": key_secret,
        "SLIPSTREAM_POLICY": json.dumps(dict(policy or {})),
    }
    if interviews:
        settings["SLIPSTREAM_INTERVIEWS"] = str(interviews)
    command = ["--port", str(port), "--store-port", str(store_port), "--data", str(data)]
    with log.open("w", encoding="utf-8") as log_file:
        process = start_serve(command, {**settings, **(env or {})}, stderr=log_file.fileno())
    try:
        ready_link = read_ready(process, log)
    except BaseException:
        process.kill()
        process.wait()
        raise
    store_origin = f"http://127.0.0.1:{store_port}"
    with closing(s3_client(store_origin, key_id, key_secret)) as s3:
        stack = Stack(process, ready_link, store_origin, data, log, secret, s3)
        try:
            yield stack
        finally:
            stack.stop()


def start_serve(
    arguments: list[str], env: Mapping[str, str], stderr: int = subprocess.PIPE, root: Path = ROOT
) -> "subprocess.Popen[str]":
    """Start `serve.py` of the checkout `root` with nothing of the caller's own settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLIPSTREAM_", "AWS_"))}
    return subprocess.Popen(
        [sys.executable, str(root / "serve.py"), *arguments],
        cwd=root,
        env={**clean, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        preexec_fn=_hear_ctrl_c,  # noqa: PLW1509  one system call between fork and exec
    )


def _hear_ctrl_c() -> None:
    """Let SIGINT mean what it does in a terminal: a shell has its background jobs ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def read_ready(process: "subprocess.Popen[str]", log: Path | None = None) -> str:
    """Wait for the `ready` line; return its link."""
    assert process.stdout is not None
    timer = threading.Timer(READY_TIMEOUT_S, process.kill)
    timer.start()
    try:
        for line in process.stdout:
            if line.startswith("ready "):
                return line.removeprefix("ready ").strip()
    finally:
        timer.cancel()
    said = log.read_text(encoding="utf-8") if log else ""
    raise AssertionError(f"serve.py ended with {process.wait()} before it was ready\n{said}")


def s3_client(url: str, key_id: str, key_secret: str) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=key_secret,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, proxies={}),
    )


def call_signer(stack: Stack, path: str, ticket: str) -> httpx.Response:
    return httpx.get(stack.base_url + path, headers={"Authorization": f"Bearer {ticket}"}, trust_env=False)
