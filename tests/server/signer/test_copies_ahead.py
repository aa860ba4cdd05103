"""Copies ahead: begun once their source and their slot are there, and nothing waits for one that has not begun."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import cast

import pytest

from app.contract import MIB, Layout, PartRules, Track
from server.errors import StoreUnavailable, UploadGone
from server.signer.layouts.copies_ahead import CopiesAhead
from server.signer.tickets import UPLOAD_AUDIENCE, UploadHandle
from server.store.multipart import MultipartUploads


class Copying:
    """The one call of MultipartUploads that is made."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str, int, str]] = []
        self.has_begun = Event()
        self.may_end = Event()
        self.may_end.set()
        self.fault: Exception | None = None

    def copy_part(self, key: str, upload: str, number: int, source: str) -> str:
        self.has_begun.set()
        assert self.may_end.wait(10)
        self.made.append((key, upload, number, source))
        if self.fault is not None:
            raise self.fault
        return f"etag of {source}"


@pytest.fixture
def store() -> Copying:
    return Copying()


@pytest.fixture
def copies(store: Copying) -> Iterator[CopiesAhead]:
    with ThreadPoolExecutor(1) as executor:
        yield CopiesAhead(cast("MultipartUploads", store), executor)
        store.may_end.set()


def handle(store_upload: str = "upload") -> UploadHandle:
    return UploadHandle(
        aud=UPLOAD_AUDIENCE,
        session="s",
        interview="i",
        question="q",
        take=1,
        track=Track.VIDEO,
        content_type="video/webm",
        key="i/s/q/take-1/video.webm",
        store_upload=store_upload,
        token="0" * 64,
        layout=Layout.FOLDED,
        parts=PartRules(min_bytes=1, max_bytes=5 * MIB, window_bytes=5 * MIB),
        max_bytes=100 * MIB,
    )


def test_slot_that_is_there_first_waits_for_the_object(copies: CopiesAhead, store: Copying):
    copies.note_slot(handle(), 10, "tail/20", "slot")
    assert store.made == []
    copies.note_object(handle(), 10, "tail/10")
    assert store.has_begun.wait(10)

    assert copies.take("slot") == "etag of tail/10"


@pytest.mark.parametrize("has_source", [True, False])
def test_copy_is_made_once_both_are_there(copies: CopiesAhead, store: Copying, has_source: bool):
    store.may_end.clear()
    if has_source:
        copies.note_slot(handle(), 10, "tail/20", "slot", "pad")
    else:
        copies.note_object(handle(), 10, "tail/10")
        copies.note_slot(handle(), 10, "tail/20", "slot")
    assert store.has_begun.wait(10)
    copies.note_slot(handle(), 30, "tail/40", "later", "pad")
    assert copies.take("later") is None, "there is one thread: nobody waits for a copy that has not begun"
    store.may_end.set()

    source = "pad" if has_source else "tail/10"
    assert copies.take("slot") == f"etag of {source}"
    assert store.made == [("tail/20", "slot", 1, source)]
    assert copies.take("slot") is None, "a copy is used once"


def test_objects_of_another_upload_are_not_copied(copies: CopiesAhead, store: Copying):
    copies.note_object(handle("other"), 10, "tail/10")
    copies.note_slot(handle(), 10, "tail/20", "slot")

    assert copies.take("slot") is None
    assert store.made == []


@pytest.mark.parametrize("fault", [UploadGone(), StoreUnavailable()])
def test_copy_that_fails_is_made_again_by_the_caller(copies: CopiesAhead, store: Copying, fault: Exception):
    store.fault = fault
    copies.note_slot(handle(), 0, "tail/10", "slot", "pad")
    assert store.has_begun.wait(10)

    assert copies.take("slot") is None


def test_slots_that_nobody_uses_are_forgotten(copies: CopiesAhead, store: Copying):
    copies.note_slot(handle(), 0, "tail/1", "first")
    for upload in range(4_096):
        copies.note_slot(handle(str(upload)), 0, "tail/1", "slot")
    copies.note_object(handle(), 0, "tail/0")

    assert copies.take("first") is None
    assert store.made == []
