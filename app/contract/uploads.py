"""The requests and replies of one upload, from its creation to the complete object."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import FailFast, Field, model_validator

from app.contract.types import (
    MAX_OBJECT_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    Etag,
    Identifier,
    Layout,
    Md5,
    Nonce,
    ObjectSize,
    PartNumber,
    PartSize,
    Reply,
    Request,
    Seconds,
    TakeNumber,
    Track,
)

QUARTER = MAX_PARTS // 4  # parts
# Of a folded recording. The first parts make up for the time in which nothing was recorded yet; an even number of them,
# so that the early parts fill two windows of 5 MiB exactly: 2 x 64 and 79 x 128 KiB.
FIRST_PARTS = 2
EARLY_PARTS = 81  # the first ones included

# Where the store keeps a small part until it is folded. Only the signer can read it.
Slot = Annotated[str, Field(min_length=1, max_length=1_024)]


class CreateUpload(Request):
    """POST /api/uploads: begin the upload of one track of one take."""

    question: Identifier
    take: TakeNumber
    track: Track
    content_type: str = Field(min_length=1, max_length=200)  # the recorder's real type, with codecs
    nonce: Nonce  # made once per recording; distinguishes its object from another device's
    part_bytes_at_most: PartSize | None = None  # requested after larger parts were refused; None: none were
    can_stream: bool = False  # the browser sends bodies of unknown length, and streams get through


class PartRules(Reply):
    """How a recording is cut into parts, in bytes."""

    min_bytes: PartSize  # of the first parts; `smallest` says more
    max_bytes: PartSize
    window_bytes: PartSize | None = None  # no part crosses a multiple of this; None: parts are not folded
    is_streamed: bool = False  # parts are streamed to a gateway, and cut when their stream ends
    # Parts are sent in order, one at a time, and every one but the last has a multiple of this; None: in any order.
    step_bytes: PartSize | None = None

    @classmethod
    def equal(cls, part_bytes: int) -> Self:
        """Return the rules by which every part but the last has `part_bytes`."""
        return cls(min_bytes=part_bytes, max_bytes=part_bytes)

    @property
    def are_equal(self) -> bool:
        """Whether a part's offset follows from its number, and parts may be sent in any order."""
        is_special = self.window_bytes is not None or self.is_streamed or self.are_in_order
        return self.min_bytes == self.max_bytes and not is_special

    @property
    def are_in_order(self) -> bool:
        """Whether the store takes a part only behind the one before, and says how many bytes it has."""
        return self.step_bytes is not None

    @property
    def layout(self) -> Layout:
        """Return the layout that these rules belong to."""
        if self.window_bytes is not None:
            return Layout.FOLDED
        if self.are_in_order:
            return Layout.RESUMABLE
        return Layout.STREAM if self.is_streamed else Layout.MULTIPART

    def smallest(self, number: int) -> int:
        """Return how small part `number` may be if it is not the last, in bytes.

        Where parts follow the uplink it doubles with every quarter of S3's 10,000 parts: the end of a short answer is
        not kept waiting by what an hour's recording needs. Where they are folded it doubles twice, behind the first
        parts and behind the early ones: each small part costs the store a copy, and a short answer has few of them.
        """
        if self.window_bytes is not None:
            return min(self.max_bytes, self.min_bytes << (number > FIRST_PARTS) + (number > EARLY_PARTS))
        return min(self.max_bytes, self.min_bytes << (number - 1) // QUARTER)

    @model_validator(mode="after")
    def _are_in_order(self) -> Self:
        if not self.min_bytes <= self.max_bytes <= (self.window_bytes or MAX_PART_BYTES):
            raise ValueError("min_bytes, max_bytes and window_bytes must not descend")
        if self.step_bytes is not None and (self.min_bytes % self.step_bytes or self.max_bytes % self.step_bytes):
            raise ValueError("min_bytes and max_bytes must be multiples of step_bytes")
        return self


class UploadGrant(Reply):
    upload: str  # opaque signed handle, valid for this one upload
    key: str
    parts: PartRules
    is_md5_signed: bool  # true: a request for a URL needs the part's MD5
    has_md5_etags: bool  # false: a part's ETag proves nothing; that its signed MD5 was accepted does


class PartToSign(Request):
    number: PartNumber
    offset: int = Field(strict=True, ge=0, lt=MAX_OBJECT_BYTES)  # first byte, from the start of the recording
    size: PartSize
    md5: Md5 | None = None
    slot: Slot | None = None  # from an earlier reply for this part; None: none has come


class SignParts(Request):
    """POST /api/uploads/sign."""

    upload: str = Field(max_length=4_096)
    parts: Annotated[tuple[PartToSign, ...], FailFast()] = Field(min_length=1, max_length=100)


class SignedUrl(Reply):
    url: str
    headers: dict[str, str] = Field(default_factory=dict)  # to send unchanged: they are signed
    life_s: Seconds  # from this reply on: page and signer share no clock


class SignStream(Request):
    """POST /api/uploads/stream: a part whose size is not known before its stream ends."""

    upload: str = Field(max_length=4_096)
    number: PartNumber
    offset: int = Field(strict=True, ge=0, lt=MAX_OBJECT_BYTES)  # first byte, from the start of the recording


class SignedPart(SignedUrl):
    number: PartNumber
    size: PartSize
    slot: Slot | None = None  # where the store keeps a small part until it is folded; None: it is not to be folded


class SignedParts(Reply):
    parts: tuple[SignedPart, ...]


class ListParts(Request):
    """POST /api/uploads/list: one page of the parts that the store has."""

    upload: str = Field(max_length=4_096)
    after: int = Field(default=0, strict=True, ge=0, le=MAX_PARTS)  # part number; 0: from the start


class StoredPart(Reply):
    number: PartNumber
    size: PartSize
    etag: Etag


class StoredState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    UNKNOWN = "unknown"  # the store knows neither the upload nor its object


class StoredParts(Reply):
    state: StoredState
    parts: tuple[StoredPart, ...] = ()
    next_after: int | None = None  # None: this was the last page
    stored_bytes: int = Field(default=0, ge=0)  # of an open upload whose parts are sent in order, from its start


class PartToComplete(Request):
    """A part that the store has acknowledged, or may have received.

    Where parts are sent in order, `etag` is the MD5 of the recording up to the part's end, or "unknown".
    """

    number: PartNumber
    offset: int = Field(strict=True, ge=0, lt=MAX_OBJECT_BYTES)
    size: PartSize
    etag: Etag
    slot: Slot | None = None  # None: it is not to be folded


class PartToFold(PartToComplete):
    slot: Slot


class FoldParts(Request):
    """POST /api/uploads/fold: small parts, each beginning where the one before ends."""

    upload: str = Field(max_length=4_096)
    parts: Annotated[tuple[PartToFold, ...], FailFast()] = Field(min_length=1, max_length=100)
    ahead: Annotated[tuple[PartToSign, ...], FailFast()] = Field(default=(), max_length=100)  # to sign as well

    @model_validator(mode="after")
    def _follow_each_other(self) -> Self:
        if any(part.offset + part.size != after.offset for part, after in pairwise(self.parts)):
            raise ValueError("each part must begin where the one before ends")
        return self


class PartState(StrEnum):
    FOLDED = "folded"
    STORED = "stored"  # acknowledged, and not yet folded: one before it is not
    STUCK = "stuck"  # the store does not fold it, and says that the reason is its own
    MISSING = "missing"


class FoldedParts(Reply):
    states: tuple[PartState, ...]  # of the named parts, in their order
    folded: int = Field(ge=0)  # bytes from the start of the recording that are folded
    ahead: tuple[SignedPart, ...] = ()


class CompleteUpload(Request):
    """POST /api/uploads/complete. Parts ascend without a gap to the end of the recording.

    They begin with the first one; in the folded layout, with the first one that is not folded, and there may be none.
    """

    upload: str = Field(max_length=4_096)
    parts: Annotated[tuple[PartToComplete, ...], FailFast()] = Field(max_length=MAX_PARTS)
    size: ObjectSize

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for part, after in pairwise(self.parts):
            if (after.number, after.offset) != (part.number + 1, part.offset + part.size):
                raise ValueError("parts must ascend without a gap")
        if self.parts and self.parts[-1].offset + self.parts[-1].size != self.size:
            raise ValueError("the last part does not end where the recording ends")
        return self


class CompletedObject(Reply):
    key: str
    size: ObjectSize


class AbortUpload(Request):
    """POST /api/uploads/abort: give up a take's upload, so that it does not stay open in the store."""

    upload: str = Field(max_length=4_096)
