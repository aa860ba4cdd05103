"""A candidate who comes back although the operator has completed what was left: nothing that was said is lost."""

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from server.archive.completion import Completed, Completion
from server.archive.contents import Contents
from server.store.client import StoreAccess
from server.store.embedded import BUCKET
from server.store.profiles import EMBEDDED
from server.store.storage import Storage
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM, FAR_STORE, PART_BYTES

if TYPE_CHECKING:
    from tests.support.page_driver import Candidate
    from tests.support.stack import Stack

pytestmark = pytest.mark.skipif(FAR_STORE is not None, reason="asks the embedded store")


def _storage(stack: "Stack") -> Storage:
    keys = stack.s3._request_signer._credentials  # type: ignore[attr-defined]  # boto3 shows them nowhere else
    return Storage(
        StoreAccess(
            bucket=BUCKET,
            region="us-east-1",
            endpoint=stack.store_origin,
            public_endpoint=None,
            profile=EMBEDDED,
            key_id=keys.access_key,
            key_secret=keys.secret_key,
        )
    )


def _left(candidate: "Candidate") -> int:
    """Record, keep more in the journal than the store has, and close the page. Return the bytes that it showed."""
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: len(candidate.stored_parts("first")) >= 2, "two parts are stored")
    candidate.pause()
    backlog = candidate.backlog
    candidate.until(lambda: candidate.backlog > backlog + 2 * PART_BYTES, "two more parts wait in the journal")
    kept = int(candidate.track("first").locator("progress").get_attribute("max") or 0)
    candidate.page.goto("about:blank")
    return kept


def _complete(candidate: "Candidate", *, closes: bool) -> Completed:
    storage = _storage(candidate.stack)
    contents = Contents(storage, pytest.fail)
    later = time.time() + 2 * 3600
    return Completion(storage, contents).complete(contents.session(candidate.session), later, [], closes=closes)


@CHROMIUM
def test_all_that_was_recorded_is_stored_as_another_take(sit_down):
    candidate = sit_down()
    candidate.watch.expect(r"status of 40[349]")  # what the operator has ended is refused
    link = candidate.link
    kept = _left(candidate)
    [completed] = _complete(candidate, closes=False).kept
    assert 0 < completed.size < kept

    candidate.page.goto(link)
    expect(candidate.notice("cut-off")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.begin()
    candidate.wait_until_safe()

    record = candidate.stored_record("first", take=2)
    assert record["size"] >= kept, "something that the page had shown as recorded is lost"
    candidate.assert_chunks_are(candidate.recordings("first")[0], candidate.stack.read(record["key"]))


@CHROMIUM
def test_a_session_that_was_closed_says_that_it_is_submitted(sit_down):
    candidate = sit_down()
    candidate.watch.expect(r"status of 40[349]")  # what the operator has ended is refused
    link = candidate.link
    _left(candidate)
    assert _complete(candidate, closes=True).is_closed

    candidate.page.goto(link)

    expect(candidate.page.locator("[data-dead-end=already-submitted]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
