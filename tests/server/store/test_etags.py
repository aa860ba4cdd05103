"""ETags of listed parts: where they are MD5s, and where they are not."""

from dataclasses import replace

import pytest

from server.errors import StoreMisconfigured
from server.store.profiles import GENERIC
from tests.support.stub_store import StoreReply, StoreRequest, stub_store

OPAQUE = "A-1b2c/opaque"


def _listing(_: StoreRequest) -> StoreReply:
    part = f"<Part><PartNumber>1</PartNumber><Size>5</Size><ETag>&quot;{OPAQUE}&quot;</ETag></Part>"
    body = f"<ListPartsResult><IsTruncated>false</IsTruncated>{part}</ListPartsResult>"
    return StoreReply(200, body.encode(), {"Content-Type": "application/xml"})


def test_etag_that_is_no_md5_is_refused_where_it_is_the_only_proof():
    with stub_store(_listing) as storage, pytest.raises(StoreMisconfigured):
        storage.multipart.parts("key", "upload")


def test_etag_that_is_no_md5_is_taken_where_the_profile_expects_it():
    with stub_store(_listing, replace(GENERIC, has_md5_etags=False)) as storage:
        assert [part.etag for part in storage.multipart.parts("key", "upload").parts] == [OPAQUE]


def test_copied_part_whose_etag_is_no_md5_can_be_completed():
    """Measured with SeaweedFS: no page compares this ETag."""
    with stub_store(_listing) as storage:
        assert storage.multipart.all_parts("key", "upload")[1].etag == OPAQUE


def _listing_twice(_: StoreRequest) -> StoreReply:
    """List a part that was sent again as SeaweedFS 4.48 does."""

    def part(number: int, size: int, second: int) -> str:
        at = f"2026-11-26T09:01:{second:02}Z"
        etag = f"{size:032x}"
        return (
            f"<Part><PartNumber>{number}</PartNumber><LastModified>{at}</LastModified><Size>{size}</Size>"
            f"<ETag>&quot;{etag}&quot;</ETag></Part>"
        )

    parts = part(1, 7, 30) + part(2, 5, 34) + part(2, 3, 31) + part(2, 4, 33)
    body = f"<ListPartsResult><IsTruncated>false</IsTruncated>{parts}</ListPartsResult>"
    return StoreReply(200, body.encode(), {"Content-Type": "application/xml"})


def test_part_that_is_listed_several_times_counts_once_as_it_was_sent_last():
    with stub_store(_listing_twice) as storage:
        assert [(part.number, part.size) for part in storage.multipart.parts("key", "upload").parts] == [(1, 7), (2, 5)]
