"""The records that the bucket holds beside the recordings: answer.json and submission.json."""

from typing import Annotated, Self

from pydantic import BeforeValidator, FailFast, Field, model_validator

from app.contract.types import (
    MAX_TEXT_CHARACTERS,
    MIB,
    Identifier,
    Locale,
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

MAX_GAPS = 1_000  # of one recording; the page adds further gaps to the last one


class Gap(Request):
    """A time span in which nothing was recorded: the computer slept, or the browser froze the page."""

    at_s: Seconds  # of recorded time before the gap
    duration_s: Seconds


class TrackRecord(Request):
    """One stored recording."""

    key: str = Field(max_length=1_024)
    size: ObjectSize
    sha256: Sha256 | None  # None: the page could not read all of it to digest it, e.g. after a full disk
    content_type: str = Field(max_length=200)
    duration_s: Seconds
    interrupted: bool = False  # a fault ended it, not Stop or the time limit
    gaps: Annotated[tuple[Gap, ...], FailFast()] = Field(default=(), max_length=MAX_GAPS)
    prepared: bool = False  # a file made elsewhere, not recorded in the page


def _has_few(tracks: object) -> object:
    """Refuse a mapping with more entries than there are tracks, before pydantic checks and reports each of them."""
    if isinstance(tracks, dict) and len(tracks) > len(Track):
        raise ValueError("there are more tracks than there can be")
    return tracks


class AnswerRecord(Request):
    """answer.json: one take at one question."""

    question: Identifier
    take: TakeNumber
    text: str | None = Field(default=None, max_length=MAX_TEXT_CHARACTERS)
    # How often the text has been changed. The higher of two revisions is the newer text, whatever the clocks say.
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
    has_md5_etags: bool = True  # as in `UploadGrant`


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
    """A recording as the store held it when the session was closed, to compare with what the store holds later."""

    key: str
    size: ObjectSize
    etag: str = ""  # as the store gives it; the ETag of several parts is no digest
    version: str | None = None  # None: the bucket keeps no versions
    claimed: tuple[str, ...] = ()  # what only the page says of it in `answers`; the store has proven its size


class SubmissionReceipt(Reply):
    """The content of submission.json, which the page shows at the end."""

    interview: Identifier
    session: Identifier
    reference: str = Field(default="", max_length=200)  # the operator's own number for the candidate
    submitted_at: str  # RFC 3339, UTC, the signer's clock
    closed_by_operator: bool = False  # not the candidate has submitted, but `sessions complete --close`
    answers: tuple[AnswerRecord, ...]
    objects: tuple[NamedObject, ...] = ()  # one for each recording in `answers`; older signers wrote none


class SessionRecord(Reply):
    """session.json: whose session it is, by the ticket that opened it first."""

    interview: Identifier
    session: Identifier
    name: str = Field(default="", max_length=200)
    reference: str = Field(default="", max_length=200)
    locale: Locale = ""
    opened_at: str = Field(max_length=40)  # RFC 3339, UTC, the signer's clock
