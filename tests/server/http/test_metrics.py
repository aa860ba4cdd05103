"""GET /metrics: what it counts, and who may read it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import AnyHttpUrl, SecretStr

from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.store.storage import Storage
from tests.support.signer_client import Candidate, served

TOKEN = "a token that only Prometheus knows"


def read(client: httpx.Client) -> Callable[..., float]:
    """Return the present figures, by name and labels; 0 for what was not counted yet."""
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }
    return lambda name, **labels: found.get((f"slipstream_{name}", tuple(sorted(labels.items()))), 0.0)


def test_what_happens_is_counted(candidate: Candidate):
    before = read(candidate.client)
    candidate.get("/api/interview")
    upload = candidate.create().json()["upload"]
    candidate.send(upload, [b"x", b"y"])
    candidate.post("/api/efficiency", {"mode": "bulk", "step": "begun", "questions": 1, "answered": 0, "open_s": 1})
    candidate.post("/api/submission", {"answers": []})
    candidate.post("/api/submission", {"answers": candidate.answers()})
    after = read(candidate.client)

    def grown(name: str, **labels: str) -> float:
        return after(name, **labels) - before(name, **labels)

    assert grown("interviews_opened_total") == 1
    assert grown("parts_signed_total") >= 2
    assert grown("reports_total", step="begun") == 1
    assert grown("sessions_submitted_total") == 1
    assert grown("refusals_total", type="urn:slipstream:problem:incomplete") == 1
    assert grown("call_seconds_count", call="/api/uploads/sign", status="200") >= 2
    assert grown("call_seconds_count", call="/api/submission", status="422") == 1
    assert grown("store_seconds_count", operation="PutObject") >= 1
    assert grown("store_seconds_sum", operation="PutObject") > 0


def test_paths_that_anybody_can_make_up_are_no_labels(candidate: Candidate):
    for path in ("/api/nothing", "/static/nothing", "/api/uploads/sign/x"):
        candidate.get(path)

    assert "nothing" not in candidate.client.get("/metrics").text
    assert "sign/x" not in candidate.client.get("/metrics").text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_nobody_reads_them_by_way_of_a_proxy(client: httpx.Client, header: str):
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404
    assert client.get("/metrics").status_code == 200


@contextmanager
def signer_with(settings: Settings, storage: Storage, **changes: object) -> Iterator[httpx.Client]:
    changed = settings.model_copy(update=changes)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = create_app(changed, make_signer(changed, storage))
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with served(app, listening), httpx.Client(base_url=origin, trust_env=False) as calling:
            yield calling


@pytest.mark.parametrize("changes", [{"url": AnyHttpUrl("https://interviews.example.org")}, {"host": "0.0.0.0"}])
def test_signer_that_others_reach_tells_nobody_without_a_token(settings: Settings, storage: Storage, changes):
    with signer_with(settings, storage, **changes) as client:
        assert client.get("/metrics").status_code == 404


@pytest.fixture
def guarded(settings: Settings, storage: Storage) -> Iterator[httpx.Client]:
    """A signer that others reach, whose figures need a token."""
    with signer_with(settings, storage, metrics_token=SecretStr(TOKEN), host="0.0.0.0") as client:
        yield client


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 404),
        ({"Authorization": f"Bearer {TOKEN}x"}, 404),
        ({"Authorization": TOKEN}, 404),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.1"}, 200),
    ],
)
def test_a_token_opens_them_from_anywhere_and_nothing_else_does(guarded: httpx.Client, headers, status: int):
    assert guarded.get("/metrics", headers=headers).status_code == status
