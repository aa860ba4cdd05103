"""The error replies of the signer."""

from enum import StrEnum

from pydantic import JsonValue

from app.contract.types import Reply


class ProblemType(StrEnum):
    """The `type` of a problem+json reply (RFC 9457): stable names that a page may act on."""

    TICKET_REFUSED = "urn:slipstream:problem:ticket-refused"  # 401
    ALREADY_SUBMITTED = "urn:slipstream:problem:already-submitted"  # 403
    NOT_FOUND = "urn:slipstream:problem:not-found"  # 404
    TAKE_EXISTS = "urn:slipstream:problem:take-exists"  # 409: the object of this take already exists
    TAKEN_OVER = "urn:slipstream:problem:taken-over"  # 409: the session continues on another device
    UPLOAD_UNKNOWN = "urn:slipstream:problem:upload-unknown"  # 409: create a new upload, send all parts again
    INVALID = "urn:slipstream:problem:invalid"  # 4xx
    INCOMPLETE = "urn:slipstream:problem:incomplete"  # 422: the submission names something that is missing
    TOO_MANY_REQUESTS = "urn:slipstream:problem:too-many-requests"  # 429, try again after Retry-After
    STORE_UNAVAILABLE = "urn:slipstream:problem:store-unavailable"  # 503, try again
    STORE_MISCONFIGURED = "urn:slipstream:problem:store-misconfigured"  # 502, the operator must act
    INTERNAL = "urn:slipstream:problem:internal"  # 500


class Problem(Reply):
    """An error reply: problem+json (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: tuple[dict[str, JsonValue], ...] = ()  # where the request is wrong
