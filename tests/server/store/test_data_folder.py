"""What the embedded store leaves in its folder, and who may read it."""

import os
import stat
from pathlib import Path

import pytest

from server.settings import Settings
from server.store.access import embedded
from server.store.embedded import BUCKET, EmbeddedStore

PAGE = "http://127.0.0.1:1"


@pytest.fixture
def umask():
    """Let others read by default, as most machines do."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def bits_for_others(folder: Path) -> dict[str, int]:
    paths = [folder, *folder.rglob("*")]
    return {path.name: mode for path in paths if (mode := stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO)}


def test_nobody_else_reads_recordings(tmp_path: Path, umask: None):
    (tmp_path / BUCKET).mkdir()  # of an earlier version
    with EmbeddedStore(tmp_path, page_origin=PAGE) as store:
        embedded(Settings(data=tmp_path), store).objects.write("i/s/q/take-1/audio.webm", b"voice", "audio/webm")

        assert bits_for_others(tmp_path / BUCKET) == {}


def test_store_that_starts_clears_what_a_killed_one_has_left(tmp_path: Path):
    left = tmp_path / BUCKET / "i" / "s"
    left.mkdir(parents=True)
    for name in (".rclone_temp_put_1", ".rclone_temp_multipart_2", ".rclone_multipart_upload_3", "answer.json"):
        (left / name).write_bytes(b"x")

    with EmbeddedStore(tmp_path, page_origin=PAGE):
        assert [path.name for path in left.iterdir()] == ["answer.json"]


def test_second_store_over_one_folder_clears_nothing_that_the_first_one_writes(tmp_path: Path):
    written = tmp_path / BUCKET / ".rclone_temp_put_1"
    with EmbeddedStore(tmp_path, page_origin=PAGE):
        written.write_bytes(b"x")
        with EmbeddedStore(tmp_path, page_origin=PAGE):
            assert written.exists()
    with EmbeddedStore(tmp_path, page_origin=PAGE):
        assert not written.exists()
