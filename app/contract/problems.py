"""How the signer says no."""

from enum import StrEnum

from pydantic import JsonValue

from app.contract.types import Reply


class ProblemType(StrEnum):
    """The `type` of a problem+json reply (RFC 9457): stable names that a page may act on."""

    TICKET_REFUSED = "urn:slipstream:problem:ticket-refused"  # 401
    ALREADY_SUBMITTED = "urn:slipstream:problem:already-submitted"  # 403
    NOT_FOUND = "urn:slipstream:problem:not-found"  # 404
    TAKE_EXISTS = "urn:slipstream:problem:take-exists"  # 409: this take's object is there already
    TAKEN_OVER = "urn:slipstream:problem:taken-over"  # 409: the session goes on on another device
    UPLOAD_UNKNOWN = "urn:slipstream:problem:upload-unknown"  # 409: begin a new upload, send all again
    INVALID = "urn:slipstream:problem:invalid"  # 4xx
    INCOMPLETE = "urn:slipstream:problem:incomplete"  # 422: the submission names something that is missing
    STORE_UNAVAILABLE = "urn:slipstream:problem:store-unavailable"  # 503, try again
    STORE_MISCONFIGURED = "urn:slipstream:problem:store-misconfigured"  # 502, the operator must act
    INTERNAL = "urn:slipstream:problem:internal"  # 500


class Problem(Reply):
    """problem+json."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: tuple[dict[str, JsonValue], ...] = ()  # where a request was wrong
