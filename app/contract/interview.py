"""Interviews and their questions, and the tickets that let a candidate answer them."""

from typing import Self

from pydantic import ConfigDict, Field, JsonValue, field_validator, model_validator

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
    """The limits of a written answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_characters: int = Field(default=5_000, ge=1, le=MAX_TEXT_CHARACTERS)


class FileRules(Reply):
    """The limits of a file that a candidate may choose instead of recording; `limit_s` applies to it too."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_bytes: int = Field(default=1024 * MIB, ge=1, le=MAX_OBJECT_BYTES)
    # A larger video is encoded again in the page. None: never; TOML has no null, so `false` says the same.
    shrink_over_bytes: int | None = Field(default=100 * MIB, ge=1, le=MAX_OBJECT_BYTES)

    @field_validator("shrink_over_bytes", mode="before")
    @classmethod
    def _false_is_never(cls, given: object) -> object:
        return None if given is False else given


class Question(Reply):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identifier
    prompt: str = Field(min_length=1, max_length=MAX_TEXT_CHARACTERS)
    hint: str = Field(default="", max_length=MAX_TEXT_CHARACTERS)
    tracks: tuple[Track, ...] = ()  # empty: the answer is text only
    text: TextRules | None = None  # None: no text
    file: FileRules | None = None  # None: the candidate must record in the page
    preparation_s: int = Field(default=0, ge=0, le=3600)  # 0: none
    limit_s: int = Field(default=120, ge=1, le=4 * 3600)  # the recording then stops by itself
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
    """An interview with its questions; read-only for the page."""

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
    """The claims of a ticket (a JWT, HS256) whose signature has been checked."""

    aud: str
    sub: Identifier  # the session
    interview: Identifier
    iat: int  # Unix time, seconds
    exp: int
    name: str = Field(default="", max_length=200)  # how to greet the candidate
    reference: str = Field(default="", max_length=200)  # the operator's own number for the candidate
    locale: Locale = ""  # the page's language; "": launch URL and browser decide
    policy: dict[str, JsonValue] = Field(default_factory=dict)


class InterviewGrant(Reply):
    """GET /api/interview."""

    session: Identifier
    name: str = ""
    locale: Locale = ""
    interview: Interview
    policy: UploadPolicy
    store_origin: str  # scheme://host[:port]; the page never uses a URL of another origin
    stream_origin: str | None = None  # of the gateway that takes streams; None: there is none
    expires_in_s: Seconds  # the ticket's remaining life
    # The variants that the session is in, signed: the page sends it with every call, and keeps it. "": there are none.
    assignment: str = Field(default="", max_length=8_192)
    is_open_elsewhere: bool = False  # another device has the session; POST /api/claim takes it over
    answers: tuple[AnswerRecord, ...] = ()  # those that the bucket already has, one per question
