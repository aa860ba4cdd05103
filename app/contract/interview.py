"""What is asked, and who may answer it."""

from typing import Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from app.contract.answers import AnswerRecord
from app.contract.policy import UploadPolicy
from app.contract.types import (
    MAX_OBJECT_BYTES,
    MAX_TAKES,
    MAX_TEXT_CHARACTERS,
    MIB,
    Identifier,
    Locale,
    Reply,
    Seconds,
    Track,
)


class TextRules(Reply):
    """What a written answer may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_characters: int = Field(default=5_000, ge=1, le=MAX_TEXT_CHARACTERS)


class FileRules(Reply):
    """A recording made elsewhere may be chosen instead; `limit_s` counts for it too."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_bytes: int = Field(default=1024 * MIB, ge=1, le=MAX_OBJECT_BYTES)


class Question(Reply):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identifier
    prompt: str = Field(min_length=1, max_length=MAX_TEXT_CHARACTERS)
    hint: str = Field(default="", max_length=MAX_TEXT_CHARACTERS)
    tracks: tuple[Track, ...] = ()  # empty: answered in writing alone
    text: TextRules | None = None  # None: nothing to write
    file: FileRules | None = None  # None: it must be recorded in the page
    preparation_s: int = Field(default=0, ge=0, le=3600)  # 0: none
    limit_s: int = Field(default=120, ge=1, le=4 * 3600)  # recording stops by itself then
    takes: int = Field(default=3, ge=1, le=MAX_TAKES)
    required: bool = True

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.tracks and self.text is None:
            raise ValueError("a question needs `tracks`, `text`, or both")
        if self.file is not None and not self.tracks:
            raise ValueError("`file` needs `tracks`: they say whether it is film or sound")
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
    locale: Locale = ""  # the page's language; "": as link and browser wish
    policy: dict[str, JsonValue] = Field(default_factory=dict)


class InterviewGrant(Reply):
    """GET /api/interview."""

    session: Identifier
    name: str = ""
    locale: Locale = ""
    interview: Interview
    policy: UploadPolicy
    store_origin: str  # scheme://host[:port]; a URL of another origin is never used
    expires_in_s: Seconds  # the ticket's remaining life
    is_open_elsewhere: bool = False  # another device has the session; POST /api/claim takes it over
    answers: tuple[AnswerRecord, ...] = ()  # what the bucket already has of this session, one a question
