"""What Ceph's gateway says otherwise than S3, as measured on version 16.2."""

import pytest

from server.errors import ObjectMissing, UploadGone
from tests.support.stub_store import StoreReply, StoreRequest, error, stub_store


def _as_ceph(request: StoreRequest) -> StoreReply:
    """Know one bucket, with no open upload and no object in it."""
    if not request.path.startswith("/bucket"):
        return error(404, "NoSuchBucket")
    if request.is_of_upload and request.method == "DELETE":
        return error(404, "NoSuchUpload")
    return error(404, "NoSuchKey")


def test_an_upload_that_is_not_found_is_gone_whatever_the_store_calls_it():
    with stub_store(_as_ceph) as storage:
        with pytest.raises(UploadGone):
            storage.multipart.parts("key", "upload")
        with pytest.raises(UploadGone):
            storage.multipart.complete("key", "upload", [])
        storage.multipart.abort("key", "upload")


def test_an_object_that_is_not_found_is_no_upload():
    with stub_store(_as_ceph) as storage:
        assert storage.objects.head("key") is None
        with pytest.raises(ObjectMissing):
            storage.objects.write("key", b"", "text/plain")
