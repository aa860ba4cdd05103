"""Answer every failure with problem+json (RFC 9457) that quotes no value of the request.

We do not use fastapi-problem: it cannot encode a lone surrogate, and it sends the text of an unexpected exception to
the client.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.contract import Problem, ProblemType
from server.errors import (
    AlreadySubmitted,
    InterviewUnreadable,
    InvalidRequest,
    PartsUnfit,
    SignerError,
    StoreMisconfigured,
    StoreUnavailable,
    SubmissionIncomplete,
    TakeExists,
    TakenOver,
    TicketRefused,
    TooManyRequests,
    UnknownInterview,
    UnknownQuestion,
    UploadUnknown,
)
from server.metrics import REFUSALS

_STATUS: dict[type[SignerError], tuple[HTTPStatus, ProblemType]] = {
    TicketRefused: (HTTPStatus.UNAUTHORIZED, ProblemType.TICKET_REFUSED),
    AlreadySubmitted: (HTTPStatus.FORBIDDEN, ProblemType.ALREADY_SUBMITTED),
    UnknownInterview: (HTTPStatus.NOT_FOUND, ProblemType.NOT_FOUND),
    UnknownQuestion: (HTTPStatus.NOT_FOUND, ProblemType.NOT_FOUND),
    TakeExists: (HTTPStatus.CONFLICT, ProblemType.TAKE_EXISTS),
    TakenOver: (HTTPStatus.CONFLICT, ProblemType.TAKEN_OVER),
    UploadUnknown: (HTTPStatus.CONFLICT, ProblemType.UPLOAD_UNKNOWN),
    InvalidRequest: (HTTPStatus.UNPROCESSABLE_ENTITY, ProblemType.INVALID),
    TooManyRequests: (HTTPStatus.TOO_MANY_REQUESTS, ProblemType.TOO_MANY_REQUESTS),
    PartsUnfit: (HTTPStatus.UNPROCESSABLE_ENTITY, ProblemType.INVALID),
    SubmissionIncomplete: (HTTPStatus.UNPROCESSABLE_ENTITY, ProblemType.INCOMPLETE),
    InterviewUnreadable: (HTTPStatus.INTERNAL_SERVER_ERROR, ProblemType.INTERNAL),
    StoreMisconfigured: (HTTPStatus.BAD_GATEWAY, ProblemType.STORE_MISCONFIGURED),
    StoreUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, ProblemType.STORE_UNAVAILABLE),
}
_HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "2"},  # seconds
}


class RequestRefused(HTTPException):
    """End a request with an HTTP status and a sentence for the reply. Other HTTPExceptions are sent without theirs."""


def add_problem_handlers(app: FastAPI) -> None:
    """Turn FastAPI's, Starlette's and our own failures into problems."""
    app.exception_handler(SignerError)(_on_signer_error)
    app.exception_handler(HTTPException)(_on_http_exception)
    app.exception_handler(Exception)(_on_bug)


def problem_of(error: SignerError) -> Problem:
    """Return the problem that describes one of our errors."""
    status, type_ = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    return Problem(type=type_, title=status.phrase, status=status, detail=str(error), errors=error.errors)


def plain_problem(status: HTTPStatus, detail: str) -> Response:
    """Return a problem for a failure outside the application."""
    return _response(_without_type(status, detail))


async def _on_signer_error(_: Request, error: SignerError) -> Response:
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooManyRequests) else None
    return _response(problem_of(error), headers)


async def _on_http_exception(_: Request, error: HTTPException) -> Response:
    detail = error.detail if isinstance(error, RequestRefused) else ""
    return _response(_without_type(HTTPStatus(error.status_code), detail), error.headers)


async def _on_bug(_: Request, __: Exception) -> Response:
    detail = "Something went wrong here. Nothing that was stored is lost."
    return _response(_without_type(HTTPStatus.INTERNAL_SERVER_ERROR, detail))


def _without_type(status: HTTPStatus, detail: str) -> Problem:
    """Return the problem for a plain HTTP error; its type follows from the status."""
    if status == HTTPStatus.NOT_FOUND:
        type_ = ProblemType.NOT_FOUND
    else:
        type_ = ProblemType.INTERNAL if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ProblemType.INVALID
    return Problem(type=type_, title=status.phrase, status=status, detail=detail)


def _response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    REFUSALS.labels(problem.type).inc()
    # ASCII only: UTF-8 cannot encode a lone surrogate, which a field's name may contain.
    body = json.dumps(problem.model_dump(mode="json"), ensure_ascii=True)
    all_headers = {**(headers or {}), **_HEADERS.get(HTTPStatus(problem.status), {})}
    return Response(body, problem.status, all_headers, media_type="application/problem+json")
