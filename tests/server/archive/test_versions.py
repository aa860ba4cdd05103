"""An export from a bucket that keeps versions: a reviewer sees what was submitted, whatever came later."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.archive.contents import Contents
from server.archive.export.export import Export, Exported
from server.archive.export.links import Links
from server.signer.object_keys import SessionKeys
from server.store.storage import Storage
from tests.support.reviewing import Sitting, put_into, write_sitting
from tests.support.seaweed import KEY_ID, KEY_SECRET, running_seaweed, storage_of
from tests.support.stack import s3_client

KEY = "trial/s/both/take-1/video.webm"


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """A bucket with versions, in which one session was submitted."""
    with (
        running_seaweed(tmp_path_factory.mktemp("seaweed"), ["http://127.0.0.1:1"]) as store,
        closing(s3_client(store.url, KEY_ID, KEY_SECRET)) as s3,
    ):
        s3.put_bucket_versioning(Bucket=store.bucket, VersioningConfiguration={"Status": "Enabled"})
        storage = storage_of(store)
        source = tmp_path_factory.mktemp("media") / "video.webm"
        source.write_bytes(b"as submitted")
        write_sitting(put_into(storage), Sitting("s", media={"both/video": source}))
        found, keys = storage.objects.head(KEY), SessionKeys("trial", "s")
        receipt = json.loads(storage.objects.read(keys.submission) or b"")
        assert found is not None
        receipt["objects"] = [{"key": KEY, "size": found.size, "etag": found.etag, "version": found.version}]
        storage.objects.write(keys.submission, json.dumps(receipt).encode(), "application/json")
        yield storage


def _export(storage: Storage, into: Path, links: Links | None = None) -> Exported:
    sessions = Contents(storage, pytest.fail).sessions()
    return Export(storage, into, links, lambda name: None).run(sessions, lambda shown: None)


def test_what_was_submitted_is_exported_though_it_was_replaced(keeping: Storage, tmp_path: Path):
    keeping.objects.write(KEY, b"later", "video/webm")

    assert _export(keeping, tmp_path / "out").problems == ()
    assert (tmp_path / "out/trial/s/01-both-video.webm").read_bytes() == b"as submitted"


def test_what_was_submitted_is_exported_though_it_was_deleted(keeping: Storage, tmp_path: Path):
    keeping.objects.delete(KEY)

    assert _export(keeping, tmp_path / "out").problems == ()
    assert (tmp_path / "out/trial/s/01-both-video.webm").read_bytes() == b"as submitted"


def test_a_link_names_the_version(keeping: Storage, tmp_path: Path):
    _export(keeping, tmp_path / "out", Links.for_hours(keeping, 1))

    assert "versionId=" in (tmp_path / "out/index.html").read_text()
