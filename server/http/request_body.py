"""Read and parse a request's body; a submission may be as long as the session's interview can need."""

from http import HTTPStatus
from typing import TypeVar

import anyio
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request

from app.contract import (
    MAX_PARTS,
    MIB,
    AbortUpload,
    CompleteUpload,
    CreateUpload,
    FoldParts,
    ListParts,
    SignDocument,
    SignParts,
    SignStream,
    Submission,
    Trouble,
)
from app.contract.connection import EndProbe
from app.contract.efficiency import MAX_REPORT_BYTES, Efficiency
from server.errors import InvalidRequest
from server.http.problem_details import RequestRefused
from server.signer.document_sizes import max_submission_bytes
from server.signer.issuing import TicketOrders
from server.signer.sessions import Session

_KIB = 1024
_IDLE_S = 20.0  # without a byte of the body
_WHOLE_S = 300.0  # for the whole body: 2 MiB at 56 kbit/s
_MAX_ERRORS = 20  # listed in one reply
_MAX_COUNTED = 1_000  # a body can have thousands of errors; listing all takes seconds
_MAX_BYTES: dict[type[BaseModel], int] = {
    CreateUpload: 16 * _KIB,
    SignParts: 64 * _KIB,  # a handle and up to 100 parts
    SignStream: 16 * _KIB,
    ListParts: 32 * _KIB,
    AbortUpload: 32 * _KIB,
    FoldParts: 256 * _KIB,  # a handle and up to 200 parts
    CompleteUpload: 2 * MIB,  # a handle and up to 10,000 parts
    SignDocument: 16 * _KIB,
    Trouble: 4 * _KIB,
    EndProbe: 16 * _KIB,
    Efficiency: MAX_REPORT_BYTES,
    TicketOrders: MIB,  # 500 of 2 KiB
}

LARGE = 64 * _KIB  # a body of more bytes is parsed on a thread of its own
_MAX_NAMES = 32  # in one object; no model of ours has so many

_Body = TypeVar("_Body", bound=BaseModel)


def max_bytes_of(model: type[BaseModel], session: Session | None = None) -> int:
    """Return how long a call's body may be, in bytes. `session`: None for calls of operators."""
    if model is Submission and session is not None:
        return max_submission_bytes(session.interview)
    return _MAX_BYTES[model]


def announced_bytes(request: Request, max_bytes: int) -> int:
    """Return how long a body will be, as far as is known before it is read: `max_bytes` if it does not say."""
    said = request.headers.get("content-length", "")
    return min(int(said), max_bytes) if said.isdecimal() and len(said) < 20 else max_bytes


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the body. Raises RequestRefused if it is not JSON, too long, or too slow."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RequestRefused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json.")
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > max_bytes:
        raise _too_long()
    body = bytearray()
    stream = request.stream().__aiter__()
    ends_at = anyio.current_time() + _WHOLE_S
    while True:
        try:
            with anyio.fail_after(min(_IDLE_S, ends_at - anyio.current_time())):
                piece = await anext(stream)
        except StopAsyncIteration:
            return bytes(body)
        except (TimeoutError, ClientDisconnect):
            raise RequestRefused(HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive.") from None
        body += piece
        if len(body) > max_bytes:
            raise _too_long()


def parsed(model: type[_Body], body: bytes) -> _Body:
    """Return the body as a model. Raises InvalidRequest."""
    if len(body) > LARGE:
        _check_lengths(body)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        # Not chained: the cause would quote what was sent.
        raise _invalid_body(error) from None


def _check_lengths(body: bytes) -> None:
    """Raise InvalidRequest if an object or a list is longer than any of ours.

    pydantic notes an error of 400 bytes for each unknown name, and has no way to stop at the first one.
    """
    try:
        waiting = [from_json(body)]
    except ValueError:
        return  # pydantic says what is wrong
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            if len(one) > (_MAX_NAMES if isinstance(one, dict) else MAX_PARTS):
                raise InvalidRequest
            waiting.extend(one.values() if isinstance(one, dict) else one)


def _invalid_body(error: ValidationError) -> InvalidRequest:
    """Return where and why a body is wrong, without `input`: it may hold a handle, or what a candidate wrote."""
    if error.error_count() > _MAX_COUNTED:
        return InvalidRequest()
    found = error.errors(include_url=False, include_context=False, include_input=False)[:_MAX_ERRORS]
    return InvalidRequest(
        errors=(
            {"loc": ["body", *(str(step)[:100] for step in one["loc"])], "msg": str(one["msg"])[:300]} for one in found
        )
    )


def _too_long() -> RequestRefused:
    return RequestRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is longer than this call takes.")
