"""The requests and replies of one upload, from its creation to the complete object."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import FailFast, Field, model_validator

from app.contract.types import (
    MAX_PART_BYTES,
    MAX_PARTS,
    Etag,
    Identifier,
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


class CreateUpload(Request):
    """POST /api/uploads: begin the upload of one track of one take."""

    question: Identifier
    take: TakeNumber
    track: Track
    content_type: str = Field(min_length=1, max_length=200)  # the recorder's real type, with codecs
    nonce: Nonce  # made once per recording; distinguishes its object from another device's
    part_bytes_at_most: PartSize | None = None  # requested after larger parts were refused; None: none were


class UploadGrant(Reply):
    upload: str  # opaque signed handle, valid for this one upload
    key: str
    part_bytes: int = Field(ge=1, le=MAX_PART_BYTES)  # of every part but the last
    is_md5_signed: bool  # true: a request for a URL needs the part's MD5
    has_md5_etags: bool  # false: a part's ETag proves nothing; that its signed MD5 was accepted does


class PartToSign(Request):
    number: PartNumber
    size: PartSize
    md5: Md5 | None = None


class SignParts(Request):
    """POST /api/uploads/sign."""

    upload: str = Field(max_length=4_096)
    parts: Annotated[tuple[PartToSign, ...], FailFast()] = Field(min_length=1, max_length=100)


class SignedUrl(Reply):
    url: str
    headers: dict[str, str] = Field(default_factory=dict)  # to send unchanged: they are signed
    life_s: Seconds  # from this reply on: page and signer share no clock


class SignedPart(SignedUrl):
    number: PartNumber
    size: PartSize


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


class PartToComplete(Request):
    number: PartNumber
    size: PartSize
    etag: Etag


class CompleteUpload(Request):
    """POST /api/uploads/complete. Parts ascend from 1 without a gap."""

    upload: str = Field(max_length=4_096)
    parts: Annotated[tuple[PartToComplete, ...], FailFast()] = Field(min_length=1, max_length=MAX_PARTS)
    size: ObjectSize

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if [part.number for part in self.parts] != list(range(1, len(self.parts) + 1)):
            raise ValueError("parts must ascend from 1 without a gap")
        if sum(part.size for part in self.parts) != self.size:
            raise ValueError("the parts' sizes do not add up to the size")
        return self


class CompletedObject(Reply):
    key: str
    size: ObjectSize


class AbortUpload(Request):
    """POST /api/uploads/abort: give up a take's upload, so that it does not stay open in the store."""

    upload: str = Field(max_length=4_096)
