"""Calls of a page that is served from another origin than the signer's."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from app.contract import ASSIGNMENT_HEADER, DEVICE_HEADER
from app.contract.efficiency import MAX_REPORT_BYTES
from server.http.app import create_app
from server.http.dependencies import Signer, make_signer
from server.http.health import Health
from server.settings import Settings
from server.signer.tickets import Tickets
from server.store.storage import Storage
from tests.support.signer_client import Candidate, served

PAGE, OTHER_PAGE, STRANGER = "https://jobs.example", "https://karriere.example:8443", "https://jobs.example.org"


class _Broken(Health):
    async def check(self) -> None:
        raise RuntimeError("a bug")


@pytest.fixture(scope="module")
def signer(settings: Settings, storage: Storage) -> Signer:
    made = make_signer(settings, storage)
    return replace(made, health=_Broken(storage))


@pytest.fixture(scope="module")
def far(settings: Settings, signer: Signer) -> Iterator[httpx.Client]:
    """Return a client of a signer whose page is on two other origins."""
    elsewhere = settings.model_copy(update={"page_origins": (PAGE, OTHER_PAGE)})
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        anew = httpx.Limits(max_keepalive_connections=0)  # a refused body ends its connection
        calling = httpx.Client(base_url=url, trust_env=False, limits=anew)
        with served(create_app(elsewhere, signer), listening), calling:
            yield calling


def preflight(client: httpx.Client, origin: str, *headers: str) -> httpx.Response:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": ",".join(headers).lower()}
    return client.options("/api/uploads", headers={"Origin": origin, **asked})


@pytest.mark.parametrize("page", [PAGE, OTHER_PAGE])
def test_every_header_of_a_call_passes_the_preflight_which_browsers_keep(far: httpx.Client, page: str):
    reply = preflight(far, page, "Authorization", "Content-Type", DEVICE_HEADER, ASSIGNMENT_HEADER)

    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == page
    assert int(reply.headers["access-control-max-age"]) >= 3600
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("page", [STRANGER, "null", "http://jobs.example", "https://jobs.example:8443"])
def test_page_of_another_origin_may_read_nothing(far: httpx.Client, page: str):
    replies = [preflight(far, page, "Authorization"), far.get("/api/live", headers={"Origin": page})]

    assert [reply.headers.get("access-control-allow-origin") for reply in replies] == [None, None]


def test_header_that_no_call_has_does_not_pass(far: httpx.Client):
    assert preflight(far, PAGE, "X-Anything").status_code == 400


def test_every_refusal_can_be_read_by_the_page(far: httpx.Client, tickets: Tickets):
    candidate = Candidate(far, tickets, "s-cors")
    headers = {**candidate.headers, "Origin": PAGE}
    replies = [
        far.get("/api/interview", headers={"Origin": PAGE}),
        far.get("/api/nothing", headers=headers),
        far.delete("/api/live", headers=headers),
        far.post("/api/efficiency", headers=headers, content=b"x"),
        far.post(
            "/api/efficiency",
            headers=headers | {"Content-Type": "application/json"},
            content=b" " * (MAX_REPORT_BYTES + 1),
        ),
        far.post("/api/efficiency", headers=headers, json={}),
        far.get("/api/health", headers=headers),
    ]

    assert [reply.status_code for reply in replies] == [401, 404, 405, 415, 413, 422, 500]
    for reply in replies:
        assert reply.headers["access-control-allow-origin"] == PAGE, reply.text
        assert "origin" in reply.headers["vary"].lower(), "a cache would give one page's reply to another"
        exposed = reply.headers["access-control-expose-headers"].lower()
        assert "retry-after" in exposed
        assert "x-request-id" in exposed


def test_only_calls_are_for_other_origins(far: httpx.Client):
    reply = far.get("/static/boot/boot.mjs", headers={"Origin": PAGE})

    assert reply.status_code == 200
    assert "access-control-allow-origin" not in reply.headers


def test_signer_that_serves_its_own_page_allows_no_other(client: httpx.Client):
    reply = client.get("/api/live", headers={"Origin": PAGE})

    assert not [name for name in reply.headers if name.startswith("access-control-")]


def test_first_origin_of_the_page_is_the_one_for_links_and_the_store():
    settings = Settings(page_origins=f"{PAGE}/, {OTHER_PAGE.upper()}", url="https://signer.example")

    assert settings.page_origins == (PAGE, OTHER_PAGE)
    assert settings.page_origin() == PAGE


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "null",
        "jobs.example",
        "https://jobs.example/page",
        "https://*.example",
        "https://a;report-uri",
        "https://a.example?x",
    ],
)
def test_what_is_no_exact_origin_is_refused(wrong: str):
    with pytest.raises(ValueError, match="page_origins"):
        Settings(page_origins=wrong)
    with pytest.raises(ValueError, match="frame_ancestors"):
        Settings(frame_ancestors=wrong)
