"""Problems that only the operator can fix: the page reports them, the signer logs them."""

from enum import StrEnum

from pydantic import Field

from app.contract.types import MAX_PART_BYTES, Identifier, Request


class TroubleKind(StrEnum):
    """Why the store refuses uploads of every candidate. Only these names are sent, so no free text enters the log."""

    TOO_LARGE = "too-large"  # 413: a gateway refuses a body of this size
    BLOCKED = "blocked"  # the store answers, but its CORS rule, or a gateway without CORS, blocks the page's uploads
    FORBIDDEN = "forbidden"  # 403 even for fresh URLs
    UNABLE = "unable"  # 501 or 507: the store cannot do it, or is full


class Trouble(Request):
    """POST /api/trouble: report a problem that the operator has to fix."""

    kind: TroubleKind
    question: Identifier
    part_bytes: int | None = Field(default=None, strict=True, ge=1, le=MAX_PART_BYTES)  # None: answer.json was refused
