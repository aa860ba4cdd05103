"""Links that mail programs changed so that the server sees the ticket."""

from urllib.parse import urlsplit

import httpx
import pytest

from app.core.session.launch_url import ticket_of
from server.http.launch_url import redacted, repaired
from tests.support.signer_client import Candidate


@pytest.mark.parametrize("mark", ["%23ticket=", "%2523ticket=", "%23ticket%3D", "%23utm_source=x&ticket="])
@pytest.mark.parametrize("page", ["/", "/static/host.html", "/index.html"])
@pytest.mark.parametrize("tail", ["", ".", "%20", ")?utm_source=mail", "%E2%80%8B"])
def test_row_33_link_whose_mark_was_encoded_opens_the_page(
    candidate: Candidate, client: httpx.Client, page: str, mark: str, tail: str
):
    reply = client.get(f"{page}{mark}{candidate.ticket}{tail}")

    to = urlsplit(reply.headers["location"])
    assert (reply.status_code, to.netloc, to.path, to.query) == (307, "", page, "")
    assert ticket_of(to.fragment) == candidate.ticket
    assert reply.headers["cache-control"] == "no-store"
    assert client.get(to.path).status_code == 200


@pytest.mark.parametrize("path", ["//evil.example#ticket=a.b.c", "/\\evil.example#ticket=a", "/nothing#x", "/api/x#y"])
def test_row_33_such_a_link_leads_to_our_pages_alone(path: str):
    assert repaired(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "/#ticket={}",
        "/%23ticket={}",
        "/ticket={}",
        "/{}",
        "/static/host.html#ticket={}",
        "/static/{}/x",
        "/api/{}",
        "/api/uploads/{}.",
        "/a/%2565yJ{}",
    ],
)
def test_row_33_no_path_is_logged_from_where_a_ticket_may_begin(candidate: Candidate, path: str):
    shown = redacted(path.format(candidate.ticket))

    assert "eyJ" not in shown
    assert not any(part in shown for part in candidate.ticket.split("."))
    assert shown.endswith("…")


def test_ordinary_paths_are_logged_whole():
    assert redacted("/static/vendor/pyscript/core-C9KDLldu.js") == "/static/vendor/pyscript/core-C9KDLldu.js"
    assert redacted("/api/uploads/sign") == "/api/uploads/sign"
    assert repaired("/static/slipstream.js") is None
