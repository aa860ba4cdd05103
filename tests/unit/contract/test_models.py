"""What crosses the wire: it survives the crossing, and nothing else gets in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.contract import (
    MIB,
    AnswerRecord,
    CompleteUpload,
    CreateUpload,
    Identifier,
    Interview,
    InterviewGrant,
    ListParts,
    PartToSign,
    Question,
    SessionRecord,
    SignDocument,
    SignedParts,
    StoredParts,
    Submission,
    SubmissionReceipt,
    TicketClaims,
    Track,
    UploadGrant,
    UploadMode,
    UploadPolicy,
)

MD5, SHA256 = "0" * 32, "f" * 64
RECORD = {
    "key": "i/s/q/take-1/video.mp4",
    "size": 5,
    "sha256": SHA256,
    "content_type": "video/mp4;codecs=avc1",
    "duration_s": 1.25,
}
ANSWER = {"question": "q", "take": 1, "text": "¡Hola! 👋", "tracks": {"video": RECORD}}
QUESTION = {"id": "q", "prompt": "Why?", "tracks": ["video"]}
INTERVIEW = {"id": "i", "title": "I", "questions": [QUESTION]}
EXAMPLES: dict[type[BaseModel], dict[str, Any]] = {
    CreateUpload: {"question": "q", "take": 1, "track": "audio", "content_type": "audio/webm", "nonce": MD5},
    CompleteUpload: {
        "upload": "u",
        "parts": [{"number": 1, "offset": 0, "size": 5, "etag": MD5, "slot": None}],
        "size": 5,
    },
    ListParts: {"upload": "u", "after": 1000},
    SignDocument: {"question": "q", "take": 1, "size": 2, "md5": MD5},
    Submission: {"answers": [ANSWER]},
    AnswerRecord: ANSWER,
    PartToSign: {"number": 1, "offset": 0, "size": 1, "md5": MD5, "slot": None},
    UploadGrant: {
        "upload": "u",
        "key": "k",
        "parts": {"min_bytes": 1, "max_bytes": 1, "window_bytes": None},
        "is_md5_signed": True,
        "has_md5_etags": True,
    },
    SignedParts: {"parts": [{"number": 1, "size": 1, "slot": None, "url": "https://s", "headers": {}, "life_s": 1}]},
    StoredParts: {"state": "open", "parts": [{"number": 1, "size": 1, "etag": MD5}], "next_after": 1},
    SubmissionReceipt: {"interview": "i", "session": "s", "submitted_at": "2026-01-01T00:00:00Z", "answers": [ANSWER]},
    InterviewGrant: {
        "session": "s",
        "interview": INTERVIEW,
        "policy": UploadPolicy().model_dump(mode="json"),
        "store_origin": "https://s",
        "expires_in_s": 1,
    },
    SessionRecord: {"interview": "i", "session": "s", "name": "Ada", "opened_at": "2026-01-01T00:00:00Z"},
    TicketClaims: {"aud": "slipstream", "sub": "s", "interview": "i", "iat": 1, "exp": 2},
}


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: model.__name__)
def test_a_message_survives_the_crossing(model: type[BaseModel]):
    sent = model.model_validate(EXAMPLES[model])

    assert model.model_validate_json(sent.model_dump_json()) == sent


REQUESTS = (CreateUpload, CompleteUpload, ListParts, SignDocument, Submission, AnswerRecord, PartToSign)


@pytest.mark.parametrize("model", REQUESTS, ids=lambda model: model.__name__)
def test_a_request_with_an_unknown_field_is_refused(model: type[BaseModel]):
    with pytest.raises(ValidationError, match="extra"):
        model.model_validate(EXAMPLES[model] | {"key": "of my choice", "sneaky": 1})


def test_a_reply_of_a_newer_signer_is_understood():
    grant = UploadGrant.model_validate(EXAMPLES[UploadGrant] | {"new": 1})

    assert grant.key == "k"


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (CreateUpload, {"take": 0}),
        (CreateUpload, {"take": 100}),
        (CreateUpload, {"take": "1"}),
        (CreateUpload, {"track": "smell"}),
        (CreateUpload, {"nonce": "short"}),
        (CreateUpload, {"content_type": ""}),
        (PartToSign, {"number": 0}),
        (PartToSign, {"number": 10_001}),
        (PartToSign, {"number": True}),
        (PartToSign, {"number": 1.0}),
        (PartToSign, {"size": 0}),
        (PartToSign, {"size": 5 * 1024 * MIB + 1}),
        (PartToSign, {"md5": "A" * 32}),
        (CompleteUpload, {"size": 6}),
        (CompleteUpload, {"parts": [{"number": 1, "offset": 0, "size": 5, "etag": ""}]}),
        (CompleteUpload, {"parts": [{"number": 1, "offset": 0, "size": 5, "etag": '"e"'}]}),
        (CompleteUpload, {"parts": [{"number": 1, "offset": 0, "size": 5, "etag": "two words"}]}),
        (CompleteUpload, {"parts": [{"number": 1, "offset": 0, "size": 5, "etag": "e" * 201}]}),
        (CompleteUpload, {"parts": [{"number": 1, "offset": 0, "size": 5, "etag": "é"}]}),
        (CompleteUpload, {"parts": [{"number": 1, "offset": 1, "size": 5, "etag": MD5}]}),
        (CompleteUpload, {"parts": [{"number": 1, "offset": 0, "size": 4, "etag": MD5}]}),
        (
            CompleteUpload,
            {
                "parts": [
                    {"number": 1, "offset": 0, "size": 2, "etag": MD5},
                    {"number": 3, "offset": 2, "size": 3, "etag": MD5},
                ]
            },
        ),
        (
            CompleteUpload,
            {
                "parts": [
                    {"number": 1, "offset": 0, "size": 2, "etag": MD5},
                    {"number": 2, "offset": 3, "size": 2, "etag": MD5},
                ]
            },
        ),
        (ListParts, {"after": -1}),
        (SignDocument, {"size": 4 * MIB + 1}),
        (Submission, {"answers": [ANSWER, ANSWER]}),
        (AnswerRecord, {"tracks": {"smell": RECORD}}),
        (AnswerRecord, {"tracks": {"video": RECORD | {"duration_s": float("nan")}}}),
        (AnswerRecord, {"tracks": {"video": RECORD | {"sha256": "x" * 64}}}),
        (AnswerRecord, {"text": "x" * 100_001}),
        (TicketClaims, {"sub": "a/b"}),
    ],
)
def test_an_impossible_value_is_refused(model: type[BaseModel], change: dict[str, Any]):
    with pytest.raises(ValidationError):
        model.model_validate(EXAMPLES[model] | change)


@given(st.text(max_size=80))
def test_bad_input_4_identifier_is_one_safe_segment_of_a_key(text: str):
    try:
        id_ = TypeAdapter(Identifier).validate_python(text)
    except ValidationError:
        return

    assert id_ == text
    assert 1 <= len(id_) <= 64
    assert id_.isascii()
    assert all(character.isalnum() or character in "_-" for character in id_)


@pytest.mark.parametrize("text", ["", "..", "a/b", "a.b", "-a", "_a", "a\n", "é", "a" * 65, "%2e", "a b"])
def test_bad_input_4_what_could_leave_its_segment_is_no_identifier(text: str):
    with pytest.raises(ValidationError):
        TypeAdapter(Identifier).validate_python(text)


@pytest.mark.parametrize(
    "change",
    [
        {"questions": []},
        {"questions": [QUESTION, QUESTION]},
        {"questions": [QUESTION | {"tracks": []}]},
        {"questions": [QUESTION | {"tracks": ["video", "video"]}]},
        {"policy": {"mode": "sideways"}},
        {"policy": {"no_such": 1}},
        {"titel": "I"},
    ],
)
def test_an_inconsistent_interview_is_refused(change: dict[str, Any]):
    with pytest.raises(ValidationError):
        Interview.model_validate(INTERVIEW | change)


def test_bad_input_2_markup_and_odd_characters_in_a_prompt_are_only_text():
    prompt = "<b>{{x}}</b> \u202e 👋 \0"

    assert Question(id="q", prompt=prompt, tracks=(Track.VIDEO,)).prompt == prompt


def test_later_overrides_of_a_policy_win_and_are_checked():
    policy = UploadPolicy().overridden_by({"mode": "bulk", "parallel_parts": 1}, {"parallel_parts": 4})

    assert (policy.mode, policy.parallel_parts) == (UploadMode.BULK, 4)
    assert policy.timeslice_ms == UploadPolicy().timeslice_ms
    for wrong in ({"no_such": 1}, {"parallel_parts": 0}, {"retry_cap_s": float("inf")}):
        with pytest.raises(ValidationError):
            UploadPolicy().overridden_by(wrong)
