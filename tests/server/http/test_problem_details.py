"""Each of the signer's errors has one status and one problem type."""

from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest
from fastapi import FastAPI

from app.contract import ProblemType
from server import errors
from server.errors import SignerError, StoreError
from server.http.problem_details import RequestRefused, add_problem_handlers, problem_of
from tests.support import loop

STATUS = {
    errors.TicketRefused: (401, ProblemType.TICKET_REFUSED),
    errors.AlreadySubmitted: (403, ProblemType.ALREADY_SUBMITTED),
    errors.UnknownInterview: (404, ProblemType.NOT_FOUND),
    errors.UnknownQuestion: (404, ProblemType.NOT_FOUND),
    errors.TakeExists: (409, ProblemType.TAKE_EXISTS),
    errors.TakenOver: (409, ProblemType.TAKEN_OVER),
    errors.UploadUnknown: (409, ProblemType.UPLOAD_UNKNOWN),
    errors.TooManyRequests: (429, ProblemType.TOO_MANY_REQUESTS),
    errors.InvalidRequest: (422, ProblemType.INVALID),
    errors.PartsUnfit: (422, ProblemType.INVALID),
    errors.SubmissionIncomplete: (422, ProblemType.INCOMPLETE),
    errors.InterviewUnreadable: (500, ProblemType.INTERNAL),
    errors.StoreMisconfigured: (502, ProblemType.STORE_MISCONFIGURED),
    errors.CallNotOffered: (502, ProblemType.STORE_MISCONFIGURED),
    errors.ObjectMissing: (502, ProblemType.STORE_MISCONFIGURED),
    errors.StoreUnavailable: (503, ProblemType.STORE_UNAVAILABLE),
    errors.StoreFailed: (503, ProblemType.STORE_UNAVAILABLE),
}


def _all(kind: type[SignerError]) -> Iterator[type[SignerError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _all(below)


def test_no_error_of_the_signer_is_without_a_status():
    assert {*_all(SignerError)} - {StoreError} == {*STATUS}


@pytest.mark.parametrize("kind", STATUS)
def test_an_error_becomes_what_the_page_can_act_on(kind: type[SignerError]):
    problem = problem_of(kind())

    assert (problem.status, problem.type) == STATUS[kind]
    assert problem.detail == kind.default


async def _reply(error: Exception) -> httpx.Response:
    app = FastAPI()
    add_problem_handlers(app)

    @app.get("/")
    async def fail() -> None:
        raise error

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://signer") as client:
        return await client.get("/")


def test_a_busy_store_is_asked_again_after_a_moment_and_a_ticket_is_asked_for():
    busy, refused = loop.run(_reply(errors.StoreUnavailable())), loop.run(_reply(errors.TicketRefused()))

    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert "retry-after" not in refused.headers


def test_what_was_wrong_is_told_in_full():
    reply = loop.run(_reply(errors.InvalidRequest("Not so.", [{"loc": ["body", "\ud800"], "msg": "odd"}])))

    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json() == {
        "type": "urn:slipstream:problem:invalid",
        "title": HTTPStatus(422).phrase,
        "status": 422,
        "detail": "Not so.",
        "errors": [{"loc": ["body", "\ud800"], "msg": "odd"}],
    }


def test_nothing_is_told_of_a_failure_of_our_own():
    reply = loop.run(_reply(RuntimeError("https://store.example/?X-Amz-Signature=secret")))

    assert (reply.status_code, reply.json()["type"]) == (500, ProblemType.INTERNAL)
    assert "secret" not in reply.text


def test_a_status_of_http_has_the_type_that_belongs_to_it():
    reply = loop.run(_reply(RequestRefused(413, "Too long.")))

    assert (reply.status_code, reply.json()["type"], reply.json()["detail"]) == (413, ProblemType.INVALID, "Too long.")
