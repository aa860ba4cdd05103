"""Live figures of this signer, in Prometheus' form. No label holds what a request says: their number stays small."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prometheus_client import Counter, Histogram

if (_shared := os.environ.get("PROMETHEUS_MULTIPROC_DIR")) is not None:
    Path(_shared).mkdir(parents=True, exist_ok=True)  # every figure below opens a file in it

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

CALL_SECONDS = Histogram(
    "slipstream_call_seconds", "Duration of the signer's calls.", ("call", "status"), buckets=_SECONDS
)
OPENED = Counter("slipstream_interviews_opened", "Interviews opened, reloads included.")
SUBMITTED = Counter("slipstream_sessions_submitted", "Sessions submitted, repeated calls included.")
PARTS_SIGNED = Counter("slipstream_parts_signed", "Signed URLs for parts and streams.")
REFUSALS = Counter("slipstream_refusals", "Calls that were refused or failed, by the problem's type.", ("type",))
STORE_SECONDS = Histogram(
    "slipstream_store_seconds", "Duration of calls to the store.", ("operation",), buckets=_SECONDS
)
STORE_FAILURES = Counter(
    "slipstream_store_failures", "Calls to the store without a reply, or with 5xx.", ("operation",)
)
REPORTS = Counter("slipstream_reports", "Reports that pages have sent, by how far their candidates got.", ("step",))
WAIT_SECONDS = Histogram(
    "slipstream_wait_after_stop_seconds",
    "Wait from the last Stop until everything was stored, of submitted sessions.",
    buckets=(*_SECONDS, 120.0, 300.0, 600.0),
)
_SERVER_ERROR = 500
_CONTEXT = "slipstream_began_at"


def watch_store(register: Callable[[str, Callable[..., None]], None]) -> None:
    """Measure each call of a boto3 client; `register` is its `meta.events.register`."""
    register("before-call.s3", _begin)
    register("after-call.s3", _end)
    register("after-call-error.s3", _fail)


def _begin(context: dict[str, Any], **_: object) -> None:
    context[_CONTEXT] = time.monotonic()


def _end(event_name: str, http_response: Any, context: dict[str, Any], **_: object) -> None:
    _observe(event_name, context)
    if http_response.status_code >= _SERVER_ERROR:
        STORE_FAILURES.labels(_operation(event_name)).inc()


def _fail(event_name: str, context: dict[str, Any], **_: object) -> None:
    _observe(event_name, context)
    STORE_FAILURES.labels(_operation(event_name)).inc()


def _observe(event_name: str, context: dict[str, Any]) -> None:
    began_at: float | None = context.get(_CONTEXT)
    if began_at is not None:
        STORE_SECONDS.labels(_operation(event_name)).observe(time.monotonic() - began_at)


def _operation(event_name: str) -> str:
    """Return the operation's name from boto3's event name, e.g. "PutObject" from "after-call.s3.PutObject"."""
    return event_name.rpartition(".")[2]
