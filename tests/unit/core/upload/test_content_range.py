"""Where a part lies in an object that is sent in order, and what each reply says of that object."""

import pytest

from app.core.errors import BodyTooLarge, CaptivePortal, StoreBusy, UploadError, UrlExpired
from app.core.upload.content_range import ContentRange
from app.core.upload.parts import Part
from app.core.upload.responses import PutResponse

SECOND = ContentRange(Part(2, 10, 10))
LAST = ContentRange(Part(3, 20, 3), total=23)


def test_header_names_first_and_last_byte_and_the_size_once_it_is_known():
    assert (SECOND.header, LAST.header) == ("bytes 10-19/*", "bytes 20-22/23")


@pytest.mark.parametrize(("header", "stored"), [("bytes=0-19", 20), (" bytes=0-9 ", 10), ("bytes=0-0", 1)])
def test_range_of_a_308_counts(header: str, stored: int):
    assert SECOND.stored(PutResponse(308, stored_range=header)) == stored


@pytest.mark.parametrize("header", [None, "", "bytes=5-19", "bytes=0-", "0-19", "bytes=0-19,30-40", "bytes=0--1"])
def test_308_without_a_range_that_makes_sense_tells_nothing(header: str | None):
    assert SECOND.stored(PutResponse(308, stored_range=header)) is None


@pytest.mark.parametrize("status", [200, 201])
def test_success_with_an_etag_after_the_last_part_means_that_all_is_there(status: int):
    assert LAST.stored(PutResponse(status, etag='"abc"')) == 23


def test_success_alone_proves_nothing():
    assert LAST.stored(PutResponse(200, has_body=True)) is None, "a captive portal's"
    assert SECOND.stored(PutResponse(200, etag='"abc"')) is None, "of a part that does not end the object"


@pytest.mark.parametrize("status", [400, 404, 410, 412, 416, 499])
def test_refusals_of_which_only_the_session_knows_the_reason_tell_nothing(status: int):
    assert LAST.stored(PutResponse(status, code="PreconditionFailed")) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (503, StoreBusy),
        (429, StoreBusy),
        (500, StoreBusy),
        (403, UrlExpired),
        (413, BodyTooLarge),
        (302, CaptivePortal),
    ],
)
def test_other_replies_mean_what_they_mean_for_every_part(status: int, kind: type[UploadError]):
    with pytest.raises(kind):
        SECOND.stored(PutResponse(status))
