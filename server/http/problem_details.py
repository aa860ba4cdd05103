"""Answer every failure as problem+json (RFC 9457), with nothing in it that came from the request's values."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from pydantic import JsonValue, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.contract import Problem, ProblemType

RETRY_AFTER_S = 2
_MAX_ERRORS = 20  # told of one body
_MAX_COUNTED = 1_000  # a body can be wrong in thousands of places, and listing all takes seconds


class ProblemError(Exception):
    """End a request with a problem the page can act on."""

    def __init__(
        self,
        type_: ProblemType,
        status: HTTPStatus,
        detail: str,
        errors: Iterable[dict[str, JsonValue]] = (),
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(type=type_, title=status.phrase, status=status, detail=detail, errors=tuple(errors))


def refused() -> ProblemError:
    """Say the same for every wrong ticket or handle: a detail would help only a forger."""
    return ProblemError(
        ProblemType.TICKET_REFUSED, HTTPStatus.UNAUTHORIZED, "This link is not valid, or no longer valid."
    )


def invalid(detail: str, errors: Iterable[dict[str, JsonValue]] = ()) -> ProblemError:
    return ProblemError(ProblemType.INVALID, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors)


def already_submitted() -> ProblemError:
    return ProblemError(
        ProblemType.ALREADY_SUBMITTED, HTTPStatus.FORBIDDEN, "This interview has already been submitted."
    )


def store_unavailable() -> ProblemError:
    return ProblemError(
        ProblemType.STORE_UNAVAILABLE,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The object store cannot be reached at the moment.",
    )


def plain_problem(status: HTTPStatus, detail: str) -> ProblemError:
    """Return a failure that is HTTP's own and needs no type."""
    return ProblemError(_type_of(status), status, detail)


def invalid_body(error: ValidationError) -> ProblemError:
    """Say where a body is wrong and why, never `input`: it may hold a handle, or what a candidate wrote."""
    detail = "The request is not what this call takes."
    if error.error_count() > _MAX_COUNTED:
        return invalid(detail)
    return invalid(
        detail,
        (
            {"loc": ["body", *(str(step)[:100] for step in found["loc"])], "msg": str(found["msg"])[:300]}
            for found in error.errors(include_url=False, include_context=False, include_input=False)[:_MAX_ERRORS]
        ),
    )


MISCONFIGURED = (ProblemType.STORE_MISCONFIGURED, HTTPStatus.BAD_GATEWAY)


def store_misconfigured(code: str) -> ProblemError:
    """Name the store's own error code: it is what the operator needs to look up."""
    return ProblemError(
        *MISCONFIGURED,
        f"The object store refused the signer ({code}). Its operator has to look into it.",
    )


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    # ASCII alone: a lone surrogate in a field's name could not be encoded otherwise.
    body = json.dumps(problem.model_dump(mode="json"), ensure_ascii=True)
    all_headers = dict(headers or {})
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        all_headers["Retry-After"] = str(RETRY_AFTER_S)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        all_headers["WWW-Authenticate"] = "Bearer"
    return Response(body, problem.status, all_headers, media_type="application/problem+json")


def add_problem_handlers(app: FastAPI) -> None:
    """Turn FastAPI's, Starlette's and our own failures into problems."""
    app.exception_handler(ProblemError)(_on_problem)
    app.exception_handler(HTTPException)(_on_http_exception)
    app.exception_handler(Exception)(_on_bug)


async def _on_problem(_: Request, error: ProblemError) -> Response:
    return problem_response(error.problem)


async def _on_http_exception(_: Request, error: HTTPException) -> Response:
    return problem_response(_plain(HTTPStatus(error.status_code), ""), error.headers)


async def _on_bug(_: Request, __: Exception) -> Response:
    detail = "Something went wrong here. Nothing that was stored is lost."
    return problem_response(_plain(HTTPStatus.INTERNAL_SERVER_ERROR, detail))


def _plain(status: HTTPStatus, detail: str) -> Problem:
    return Problem(type=_type_of(status), title=status.phrase, status=status, detail=detail)


def _type_of(status: HTTPStatus) -> ProblemType:
    if status == HTTPStatus.NOT_FOUND:
        return ProblemType.NOT_FOUND
    return ProblemType.INTERNAL if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ProblemType.INVALID
