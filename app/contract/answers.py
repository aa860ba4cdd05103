"""What was answered: the records that stand in the bucket beside the recordings."""

from typing import Annotated, Self

from pydantic import BeforeValidator, FailFast, Field, model_validator

from app.contract.types import (
    MAX_TEXT_CHARACTERS,
    MIB,
    Identifier,
    Md5,
    ObjectSize,
    Reply,
    Request,
    Seconds,
    Sha256,
    TakeNumber,
    Track,
)
from app.contract.uploads import SignedUrl

MAX_GAPS = 1_000  # of one recording; a page that has more lengthens the last


class Gap(Request):
    """Nothing was recorded for a while: the computer slept, or the browser had frozen the page."""

    at_s: Seconds  # of the recording
    duration_s: Seconds


class TrackRecord(Request):
    """One stored recording."""

    key: str = Field(max_length=1_024)
    size: ObjectSize
    sha256: Sha256 | None  # None: cut off on a full disk; the page could not read all of it again
    content_type: str = Field(max_length=200)
    duration_s: Seconds
    interrupted: bool = False  # it ended by a fault, not by Stop or the limit
    gaps: Annotated[tuple[Gap, ...], FailFast()] = Field(default=(), max_length=MAX_GAPS)
    prepared: bool = False  # a file made elsewhere, not recorded in the page


def _has_few(tracks: object) -> object:
    """Refuse a mapping that is longer than any can be, before each of its names is looked at and complained about."""
    if isinstance(tracks, dict) and len(tracks) > len(Track):
        raise ValueError("there are more tracks than there can be")
    return tracks


class AnswerRecord(Request):
    """answer.json: one take at one question."""

    question: Identifier
    take: TakeNumber
    text: str | None = Field(default=None, max_length=MAX_TEXT_CHARACTERS)
    # How often the text has been changed: of two devices the higher one has the newer text, whatever their clocks say.
    revision: int = Field(default=0, ge=0, lt=2**31)
    tracks: Annotated[dict[Track, TrackRecord], BeforeValidator(_has_few)] = Field(default_factory=dict)


class SignDocument(Request):
    """POST /api/documents/sign: a URL for one take's answer.json."""

    question: Identifier
    take: TakeNumber
    size: int = Field(strict=True, ge=2, le=4 * MIB)
    md5: Md5


class SignedDocument(SignedUrl):
    key: str


class Submission(Request):
    """POST /api/submission: every answer that counts, one per question."""

    answers: Annotated[tuple[AnswerRecord, ...], FailFast()] = Field(max_length=200)

    @model_validator(mode="after")
    def _names_a_question_once(self) -> Self:
        ids = [answer.question for answer in self.answers]
        if len(set(ids)) != len(ids):
            raise ValueError("a question is answered twice")
        return self


class NamedObject(Reply):
    """A recording as the store had it when the session was closed: what it is now can be held against that."""

    key: str
    size: ObjectSize
    etag: str = ""  # the store's own word; of more than one part it is no digest
    version: str | None = None  # None: the bucket keeps no versions


class SubmissionReceipt(Reply):
    """submission.json, and what the page shows at the end."""

    interview: Identifier
    session: Identifier
    submitted_at: str  # RFC 3339, UTC, the signer's clock
    answers: tuple[AnswerRecord, ...]
    objects: tuple[NamedObject, ...] = ()  # every recording of `answers`; empty: an older signer wrote it
