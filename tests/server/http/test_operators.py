"""POST /api/tickets: links for the operator's own programs, and for nobody else."""

import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from server.settings import Settings
from server.store.storage import Storage
from tests.support.signer_client import signing

KEY, OTHER = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
ADA = {"interview": "trial", "name": "Ada", "reference": "A-17", "hours": 1}


@pytest.fixture
def operator(settings: Settings, storage: Storage) -> Iterator[httpx.Client]:
    changed = settings.model_copy(update={"operator_keys": SecretStr(f"{OTHER} {KEY}")})
    with signing(changed, storage, page_origin="https://jobs.example", Authorization=f"Bearer {KEY}") as client:
        yield client


def order(client: httpx.Client, *tickets: Any, **headers: str) -> httpx.Response:
    return client.post("/api/tickets", json={"tickets": tickets}, headers=headers)


def test_each_candidate_gets_a_link_that_opens_their_interview(operator: httpx.Client):
    reply = order(operator, ADA, {"interview": "trial", "session": "s-fixed", "locale": "pl"})

    first, second = reply.json()["tickets"]
    assert reply.status_code == 201
    assert (first["name"], first["reference"], second["session"]) == ("Ada", "A-17", "s-fixed")
    page, _, ticket = first["link"].partition("/#ticket=")
    assert page == "https://jobs.example"
    grant = operator.get("/api/interview", headers={"Authorization": f"Bearer {ticket}"}).json()
    assert (grant["session"], grant["name"]) == (first["session"], "Ada")
    assert 3500 < grant["expires_in_s"] <= 3600


@pytest.mark.parametrize("authorization", ["", "Bearer x", f"Basic {KEY}", f"Bearer {KEY}x", "Bearer é"], ids=range(5))
def test_nobody_else_gets_one(operator: httpx.Client, authorization: str):
    reply = operator.post("/api/tickets", json={"tickets": [ADA]}, headers={b"Authorization": authorization.encode()})

    assert reply.status_code == 401
    assert KEY not in reply.text


def test_without_keys_the_call_is_not_there(client: httpx.Client):
    assert order(client, ADA, Authorization=f"Bearer {KEY}").status_code == 404


def test_candidates_ticket_makes_no_tickets(operator: httpx.Client):
    ticket = order(operator, ADA).json()["tickets"][0]["link"].partition("=")[2]

    assert order(operator, ADA, Authorization=f"Bearer {ticket}").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"interview": "nowhere"},
        {"interview": "trial", "hours": 0},
        {"interview": "trial", "hours": 1e9},
        {"interview": "trial", "session": "../x"},
        {"interview": "trial", "policy": {"mode": "never"}},
        {"interview": "trial", "nmae": "Ada"},
        {"interview": "trial", "session": "s-first"},
    ],
)
def test_one_wrong_order_issues_none_of_them(operator: httpx.Client, wrong: dict[str, Any]):
    reply = order(operator, ADA | {"session": "s-first"}, wrong)

    assert reply.status_code == 422
    assert "link" not in reply.text
    assert reply.json()["detail"]
