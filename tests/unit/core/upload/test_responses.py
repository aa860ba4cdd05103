"""What each refusal of store and signer means (FAULTS 5, 6, 7, 9, 10, 11)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract import ProblemType
from app.core.errors import (
    AlreadySubmitted,
    CaptivePortal,
    Corrupted,
    EtagMissing,
    NotComplete,
    StoreBusy,
    TakeExists,
    TicketRefused,
    UploadLost,
    UrlExpired,
    UrlRejected,
)
from app.core.upload.responses import PutResponse, error_of_response, proven_etag, seconds_of

MD5 = "0cc175b9c0f1b6a831c399e269772661"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        # 5: asked for patience
        (503, "SlowDown", StoreBusy),
        (429, "", StoreBusy),
        # 6: passes by itself
        (500, "InternalError", StoreBusy),
        (502, "", StoreBusy),
        (503, "", StoreBusy),
        (504, "", StoreBusy),
        (400, "RequestTimeout", StoreBusy),
        (400, "BadDigest", StoreBusy),
        (400, "IncompleteBody", StoreBusy),
        (404, "NoSuchKey", StoreBusy),  # Ceph, to a body that ended too soon
        (408, "", StoreBusy),
        (409, "OperationAborted", StoreBusy),
        (404, "", StoreBusy),  # a gateway whose store is restarting
        (405, "", StoreBusy),
        # 7: the URL
        (403, "AccessDenied", UrlExpired),
        (403, "SignatureDoesNotMatch", UrlExpired),
        (403, "RequestTimeTooSkewed", UrlExpired),
        (403, "", UrlExpired),
        (400, "AccessDenied", UrlExpired),
        (400, "", UrlExpired),
        # 9: a captive portal
        (204, "", CaptivePortal),
        (200, "", CaptivePortal),
        (302, "", CaptivePortal),
        (511, "", CaptivePortal),
        # 11: the upload is gone
        (404, "NoSuchUpload", UploadLost),
        (501, "NotImplemented", UploadLost),
        (409, ProblemType.UPLOAD_UNKNOWN, UploadLost),
        # for good
        (400, "EntityTooSmall", UrlRejected),
        (404, "NoSuchBucket", UrlRejected),
        (405, "MethodNotAllowed", UrlRejected),
        (404, ProblemType.NOT_FOUND, UrlRejected),
        (411, "MissingContentLength", UrlRejected),
        # 28: the bucket is in another region; no sign-in page, and nothing that a fresh URL would change
        (301, "PermanentRedirect", UrlRejected),
        (307, "TemporaryRedirect", UrlRejected),
        (400, "AuthorizationHeaderMalformed", UrlRejected),
        # the signer's own words
        (401, ProblemType.TICKET_REFUSED, TicketRefused),
        (403, ProblemType.ALREADY_SUBMITTED, AlreadySubmitted),
        (409, ProblemType.TAKE_EXISTS, TakeExists),
        (422, ProblemType.INCOMPLETE, NotComplete),
        (422, ProblemType.INVALID, UrlRejected),
        (502, ProblemType.STORE_MISCONFIGURED, StoreBusy),
        (503, ProblemType.STORE_UNAVAILABLE, StoreBusy),
        (500, ProblemType.INTERNAL, StoreBusy),
    ],
)
def test_refusal_is_understood(status, code, kind):
    assert type(error_of_response("the store", status, code, None)) is kind


@pytest.mark.parametrize("code", ["", "SlowDown", ProblemType.STORE_UNAVAILABLE])
def test_retry_after_is_heard(code):
    error = error_of_response("the store", 503, code, "17")
    assert isinstance(error, StoreBusy)
    assert error.retry_after_s == 17


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("0", 0),
        ("5", 5),
        (" 5 ", 5),
        ("-5", 0),
        ("1.5", 0),
        ("²", 0),
        ("soon", 0),
        ("Sun, 22 Nov 2026 16:00:00 GMT", 0),  # the page's own clock decides nothing
    ],
)
def test_retry_after_is_seconds_or_nothing(header, seconds):
    assert seconds_of(header) == seconds


def test_sentence_names_who_and_what():
    assert str(error_of_response("the store", 404, "NoSuchUpload", None)) == "The store answered 404 (NoSuchUpload)."
    assert str(error_of_response("the signer", 502, "", None)) == "The signer answered 502."


@given(st.integers(100, 599), st.text(max_size=20), st.none() | st.text(max_size=10))
def test_every_reply_means_something(status, code, retry_after):
    assert str(error_of_response("the store", status, code, retry_after)).startswith("The store answered")


# A reply to a part proves its bytes or nothing (FAULTS 9, 10).


@pytest.mark.parametrize("etag", [MD5, f'"{MD5}"', MD5.upper(), f'W/"{MD5}"', f'"{MD5}-gzip"', f'W/"{MD5}-gzip"'])
def test_etag_that_is_the_md5_proves_the_bytes(etag):
    assert proven_etag(PutResponse(200, etag=etag), MD5, {}) == MD5


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (PutResponse(200, etag="f" * 32), Corrupted),
        (PutResponse(200, etag=f"{MD5}-1"), Corrupted),
        (PutResponse(200, etag=""), Corrupted),
        (PutResponse(200), EtagMissing),
        (PutResponse(200, has_body=True), CaptivePortal),
        (PutResponse(204, etag=MD5), CaptivePortal),
        (PutResponse(503, "SlowDown", etag=MD5), StoreBusy),
    ],
)
def test_200_alone_proves_nothing(reply, error):
    with pytest.raises(error):
        proven_etag(reply, MD5, {})


# Where ETags are no MD5, a signed Content-MD5 that the store has accepted is the proof (FAULTS 26).

OPAQUE = "A-1b2c/opaque"
SIGNED = {"Content-MD5": base64.b64encode(bytes.fromhex(MD5)).decode()}


@pytest.mark.parametrize("etag", [OPAQUE, f'"{OPAQUE}"', f'W/"{OPAQUE}"', f'"{OPAQUE}-gzip"'])
def test_etag_that_is_no_md5_is_returned_once_the_store_has_accepted_the_signed_md5(etag):
    assert proven_etag(PutResponse(200, etag=etag), MD5, SIGNED, has_md5_etags=False) == OPAQUE


@pytest.mark.parametrize(
    "signed", [{}, {"content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="}, {"x-other": SIGNED["Content-MD5"]}]
)
def test_without_md5_in_etag_or_signature_nothing_is_proven_and_the_end_is_clear(signed):
    with pytest.raises(UrlRejected, match="nothing proves"):
        proven_etag(PutResponse(200, etag=MD5), MD5, signed, has_md5_etags=False)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (PutResponse(200), EtagMissing),
        (PutResponse(200, etag='""'), EtagMissing),
        (PutResponse(200, has_body=True), CaptivePortal),
        (PutResponse(400, "BadDigest", etag=OPAQUE), StoreBusy),
    ],
)
def test_signed_md5_proves_nothing_if_the_store_has_not_accepted_it(reply, error):
    with pytest.raises(error):
        proven_etag(reply, MD5, SIGNED, has_md5_etags=False)


def test_signed_md5_does_not_excuse_an_etag_that_should_be_the_md5():
    with pytest.raises(Corrupted):
        proven_etag(PutResponse(200, etag="f" * 32), MD5, SIGNED)
