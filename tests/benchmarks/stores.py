"""The stores that `make bench` compares, each with a `serve.py` of its own before it, and an uplink."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from server.store.embedded import free_port
from tests.benchmarks.relay import HOST
from tests.benchmarks.sitting import INTERVIEW, Plan
from tests.benchmarks.uplink import Uplink
from tests.benchmarks.watch import BucketWatch, FolderWatch, StoreWatch
from tests.support.ceph import KEY_ID, KEY_SECRET, missing_packages, running_ceph
from tests.support.stack import Stack, read_ready, running_stack, s3_client, start_serve
from tests.support.stream_gateway import running_gateway


@dataclass(frozen=True)
class Standing:
    """A store, everything that Slipstream needs before it, and the line that leads there."""

    stack: Stack
    uplink: Uplink
    watching: Callable[[Stack, str], StoreWatch]

    @property
    def page_port(self) -> int:
        port = urlsplit(self.stack.base_url).port
        assert port is not None
        return port


@dataclass(frozen=True)
class Store:
    """One kind of store. `missing` says in a line why it cannot run here; "": it can."""

    run: Callable[[Path, Plan, bool], AbstractContextManager[Standing]]
    missing: Callable[[], str] = lambda: ""


@contextmanager
def _embedded(folder: Path, plan: Plan, is_kernel_shaped: bool) -> Iterator[Standing]:
    uplink = Uplink(free_port(), free_port(), is_kernel_shaped=is_kernel_shaped)
    env = {"SLIPSTREAM_STORE_URL": uplink.url}
    interviews = write_interview(folder, plan)
    with running_stack(folder, env=env, interviews=interviews, store_port=uplink.store_port) as stack:
        yield Standing(stack, uplink, FolderWatch)


@contextmanager
def _streamed(folder: Path, plan: Plan, is_kernel_shaped: bool) -> Iterator[Standing]:
    """Only streams go over the line; answer.json does not, nor would parts if the page gave streaming up."""
    uplink = Uplink(free_port(), free_port(), is_kernel_shaped=is_kernel_shaped)
    port, store_port = free_port(), free_port()
    interviews, store_url = write_interview(folder, plan), f"http://{HOST}:{store_port}"
    with running_gateway(folder / "gateway", store_url, f"http://{HOST}:{port}", port=uplink.store_port) as gateway:
        env = gateway.settings() | {"SLIPSTREAM_STREAM_URL": uplink.url.replace("http:", "https:")}
        with running_stack(folder, env=env, interviews=interviews, port=port, store_port=store_port) as stack:
            yield Standing(stack, uplink, FolderWatch)


@contextmanager
def _ceph(folder: Path, plan: Plan, is_kernel_shaped: bool) -> Iterator[Standing]:
    uplink = Uplink(free_port(), free_port(), is_kernel_shaped=is_kernel_shaped)
    page_port, secret, log = free_port(), secrets.token_urlsafe(48), folder / "serve.log"
    with running_ceph(folder / "ceph", [f"http://127.0.0.1:{page_port}"], uplink.store_port) as ceph:
        settings = ceph.settings() | {
            "SLIPSTREAM_SECRET": secret,
            "SLIPSTREAM_POLICY": json.dumps({}),
            "SLIPSTREAM_INTERVIEWS": str(write_interview(folder, plan)),
            "SLIPSTREAM_STORE_URL": uplink.url,
        }
        with log.open("w", encoding="utf-8") as log_file:
            command = ["--port", str(page_port), "--data", str(folder / "recordings")]
            process = start_serve(command, settings, stderr=log_file.fileno())
            ready_link = read_ready(process, log)
        with closing(s3_client(ceph.url, KEY_ID, KEY_SECRET)) as s3:
            stack = Stack(process, ready_link, ceph.url, folder, log, secret, s3)
            try:
                yield Standing(stack, uplink, BucketWatch)
            finally:
                stack.stop()


def write_interview(folder: Path, plan: Plan) -> Path:
    """Write the planned interview; return the folder that holds it."""
    interviews = folder / "interviews"
    interviews.mkdir(parents=True)
    (interviews / f"{INTERVIEW}.toml").write_text(plan.interview())
    return interviews


def _missing_ceph() -> str:
    if packages := missing_packages():
        return f"not installed: {', '.join(packages)} (Debian's packages)"
    return ""


STORES = {
    "embedded": Store(_embedded),
    "nginx": Store(_streamed),
    "ceph": Store(_ceph, _missing_ceph),
}
