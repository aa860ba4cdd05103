"""Where the small parts of a folded recording lie in its windows."""

from dataclasses import dataclass

from app.contract import PartToFold, PartToSign
from server.errors import InvalidRequest
from server.signer.object_keys import tail_key
from server.signer.part_sizes import WINDOW
from server.signer.tickets import UploadHandle


@dataclass(frozen=True, slots=True)
class Span:
    """Where a small part lies: bytes `start` to `end` of a window."""

    window: int  # from 0
    start: int
    end: int


def span_of(part: PartToSign | PartToFold) -> Span:
    """Return where a part lies. Raises InvalidRequest if it crosses the end of a window."""
    window, start = divmod(part.offset, WINDOW)
    if start + part.size > WINDOW:
        raise InvalidRequest("A part of this upload must not cross a multiple of 5 MiB.")
    return Span(window, start, start + part.size)


def superseded(handle: UploadHandle, part: PartToFold) -> list[str]:
    """Return the objects under `_tail/` that are not needed once `part` is folded."""
    span = span_of(part)
    ends = [span.start] if span.start else []
    return [tail_key(handle.key, handle.token, span.window, end) for end in ends + [WINDOW] * (span.end == WINDOW)]
