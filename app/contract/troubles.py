"""What only the operator can mend: told by the page, written into the signer's log."""

from enum import StrEnum

from pydantic import Field

from app.contract.types import MAX_PART_BYTES, Identifier, Request


class TroubleKind(StrEnum):
    """Why the store takes something from no candidate. Names alone: a page's free text has no place in a log."""

    TOO_LARGE = "too-large"  # 413: a gateway takes no body of this size
    BLOCKED = "blocked"  # the store answers, but not to this page's uploads: its CORS rule, or a gateway without CORS
    FORBIDDEN = "forbidden"  # 403 to fresh URLs too
    UNABLE = "unable"  # 501 or 507: it cannot, or it is full


class Trouble(Request):
    """POST /api/trouble: a page has met something that its operator has to look into."""

    kind: TroubleKind
    question: Identifier
    part_bytes: int | None = Field(default=None, strict=True, ge=1, le=MAX_PART_BYTES)  # None: it was answer.json
