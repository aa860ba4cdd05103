"""What crosses the wire between page and signer: the same models on both ends."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

MIB = 1024 * 1024
MAX_PARTS = 10_000  # S3: part numbers run from 1 to 10,000
MAX_PART_BYTES = 5 * 1024 * MIB  # S3: 5 GiB
MAX_OBJECT_BYTES = 5 * 1024 * 1024 * MIB  # S3: 5 TiB
MAX_TEXT_CHARACTERS = 100_000

# A name that is safe as one segment of an object key and of a URL, on every store and file system.
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
PartNumber = Annotated[int, Field(strict=True, ge=1, le=MAX_PARTS)]
PartSize = Annotated[int, Field(strict=True, ge=1, le=MAX_PART_BYTES)]
ObjectSize = Annotated[int, Field(strict=True, ge=1, le=MAX_OBJECT_BYTES)]
TakeNumber = Annotated[int, Field(strict=True, ge=1, le=99)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Request(BaseModel):
    """Come from the page: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """Come from the signer: an unknown field is from a newer signer and is let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Track(StrEnum):
    VIDEO = "video"  # camera and microphone
    AUDIO = "audio"  # microphone alone, for transcription


class UploadMode(StrEnum):
    PROGRESSIVE = "progressive"  # each part as soon as it is recorded
    PER_ANSWER = "per_answer"  # an answer's parts once it has been stopped
    BULK = "bulk"  # everything once Submit has been pressed


class UploadPolicy(Reply):
    """How a session records and uploads. Sent by the signer; overridable per interview and per ticket."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: UploadMode = UploadMode.PROGRESSIVE
    part_bytes: int = Field(default=5 * MIB, ge=1024, le=MAX_PART_BYTES)
    parallel_parts: int = Field(default=2, ge=1, le=8)
    timeslice_ms: int = Field(default=1000, ge=100, le=60_000)
    retry_base_s: float = Field(default=0.5, gt=0, le=60, allow_inf_nan=False)
    retry_cap_s: float = Field(default=30, gt=0, le=600, allow_inf_nan=False)
    stall_timeout_s: float = Field(default=30, gt=0, le=600, allow_inf_nan=False)
    reply_timeout_s: float = Field(default=60, gt=0, le=600, allow_inf_nan=False)
    url_life_s: int = Field(default=600, ge=1, le=7 * 24 * 3600)
    sign_ahead: int = Field(default=4, ge=1, le=100)
    video_bits_per_second: int = Field(default=2_500_000, ge=50_000, le=50_000_000)
    video_audio_bits_per_second: int = Field(default=128_000, ge=6_000, le=510_000)
    audio_bits_per_second: int = Field(default=64_000, ge=6_000, le=510_000)

    def overridden_by(self, *overrides: Mapping[str, JsonValue]) -> Self:
        """Return this policy with later overrides winning.

        Raises:
            pydantic.ValidationError: a name is unknown or a value is out of range.
        """
        merged: dict[str, JsonValue] = self.model_dump(mode="json")
        for override in overrides:
            merged |= override
        return self.model_validate(merged)


class TextRules(Reply):
    """What a written answer may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_characters: int = Field(default=5_000, ge=1, le=MAX_TEXT_CHARACTERS)


class Question(Reply):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identifier
    prompt: str = Field(min_length=1, max_length=MAX_TEXT_CHARACTERS)
    hint: str = Field(default="", max_length=MAX_TEXT_CHARACTERS)
    tracks: tuple[Track, ...] = ()  # empty: answered in writing alone
    text: TextRules | None = None  # None: nothing to write
    preparation_s: int = Field(default=0, ge=0, le=3600)  # 0: none
    limit_s: int = Field(default=120, ge=1, le=4 * 3600)  # recording stops by itself then
    takes: int = Field(default=3, ge=1, le=99)
    required: bool = True

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.tracks and self.text is None:
            raise ValueError("a question needs `tracks`, `text`, or both")
        if len(set(self.tracks)) != len(self.tracks):
            raise ValueError("a track is named twice")
        return self


class Interview(Reply):
    """What is asked; read-only to the page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identifier
    title: str = Field(min_length=1, max_length=1_000)
    introduction: str = Field(default="", max_length=MAX_TEXT_CHARACTERS)
    questions: tuple[Question, ...] = Field(min_length=1, max_length=200)
    policy: dict[str, JsonValue] = Field(default_factory=dict)  # overrides of UploadPolicy

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        ids = [question.id for question in self.questions]
        for id_ in ids:
            if ids.count(id_) > 1:
                raise ValueError(f"the question id {id_!r} is used twice")
        UploadPolicy().overridden_by(self.policy)
        return self


class TicketClaims(Reply):
    """What a ticket (a JWT, HS256) says once its signature has been checked."""

    aud: str
    sub: Identifier  # the session
    interview: Identifier
    iat: int  # Unix time, seconds
    exp: int
    name: str = Field(default="", max_length=200)  # how to greet the candidate
    policy: dict[str, JsonValue] = Field(default_factory=dict)


class TrackRecord(Request):
    """One stored recording."""

    key: str = Field(max_length=1_024)
    size: ObjectSize
    sha256: Sha256 | None  # None: cut off on a full disk; the page could not read all of it again
    content_type: str = Field(max_length=200)
    duration_s: Seconds
    interrupted: bool = False  # it ended by a fault, not by Stop or the limit


class AnswerRecord(Request):
    """answer.json: one take at one question."""

    question: Identifier
    take: TakeNumber
    text: str | None = Field(default=None, max_length=MAX_TEXT_CHARACTERS)
    tracks: dict[Track, TrackRecord] = Field(default_factory=dict)


class InterviewGrant(Reply):
    """GET /api/interview."""

    session: Identifier
    name: str = ""
    interview: Interview
    policy: UploadPolicy
    store_origin: str  # scheme://host[:port]; a URL of another origin is never used
    expires_in_s: Seconds  # the ticket's remaining life
    answers: tuple[AnswerRecord, ...] = ()  # what the bucket already has of this session, one a question


class CreateUpload(Request):
    """POST /api/uploads: begin the upload of one track of one take."""

    question: Identifier
    take: TakeNumber
    track: Track
    content_type: str = Field(min_length=1, max_length=200)  # the recorder's real type, with codecs
    nonce: Nonce  # made once per recording; tells "already completed by me" from "somebody else's"


class UploadGrant(Reply):
    upload: str  # opaque signed handle, good for this one upload
    key: str
    part_bytes: int = Field(ge=1, le=MAX_PART_BYTES)  # of every part but the last
    is_md5_signed: bool  # true: a URL can only be asked for once the part's MD5 is known


class PartToSign(Request):
    number: PartNumber
    size: PartSize
    md5: Md5 | None = None


class SignParts(Request):
    """POST /api/uploads/sign."""

    upload: str = Field(max_length=4_096)
    parts: tuple[PartToSign, ...] = Field(min_length=1, max_length=100)


class SignedUrl(Reply):
    url: str
    headers: dict[str, str] = Field(default_factory=dict)  # to send exactly so; they are signed
    life_s: Seconds  # from now; no clock is shared


class SignedPart(SignedUrl):
    number: PartNumber
    size: PartSize


class SignedParts(Reply):
    parts: tuple[SignedPart, ...]


class ListParts(Request):
    """POST /api/uploads/list: one page of what the store has."""

    upload: str = Field(max_length=4_096)
    after: int = Field(default=0, strict=True, ge=0, le=MAX_PARTS)  # part number; 0: from the start


class StoredPart(Reply):
    number: PartNumber
    size: PartSize
    etag: Md5


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
    etag: Md5


class CompleteUpload(Request):
    """POST /api/uploads/complete. Parts ascend from 1 without a gap."""

    upload: str = Field(max_length=4_096)
    parts: tuple[PartToComplete, ...] = Field(min_length=1, max_length=MAX_PARTS)
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
    """POST /api/uploads/abort: give up a take's upload; nothing stays open."""

    upload: str = Field(max_length=4_096)


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

    answers: tuple[AnswerRecord, ...] = Field(max_length=200)

    @model_validator(mode="after")
    def _names_a_question_once(self) -> Self:
        ids = [answer.question for answer in self.answers]
        if len(set(ids)) != len(ids):
            raise ValueError("a question is answered twice")
        return self


class SubmissionReceipt(Reply):
    """submission.json, and what the page shows at the end."""

    interview: Identifier
    session: Identifier
    submitted_at: str  # RFC 3339, UTC, the signer's clock
    answers: tuple[AnswerRecord, ...]


class ProblemType(StrEnum):
    """The `type` of a problem+json reply (RFC 9457): stable names that a page may act on."""

    TICKET_REFUSED = "urn:slipstream:problem:ticket-refused"  # 401
    ALREADY_SUBMITTED = "urn:slipstream:problem:already-submitted"  # 403
    NOT_FOUND = "urn:slipstream:problem:not-found"  # 404
    TAKE_EXISTS = "urn:slipstream:problem:take-exists"  # 409: this take's object is there already
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
