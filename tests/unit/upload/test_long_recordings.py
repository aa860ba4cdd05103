"""Row 23 in the core: a recording of ten thousand parts, cut off in the middle, found again page by page."""

import pytest

from app.contract import MAX_PARTS
from tests.support.fake_store import FakeStore, key_of, video
from tests.support.held import settle
from tests.support.sitting import sitting

pytestmark = pytest.mark.anyio
Q1 = video("q1")
SENT = 9_500  # parts, when the page ends
PAGE = 1_000  # parts in a list, of the fake store as of S3


async def test_row_23_ten_thousand_parts_go_on_after_a_reload_and_none_is_sent_twice():
    content = bytes(range(250)) * (MAX_PARTS * 10 // 250)
    async with sitting(store=FakeStore(part_bytes=10)) as desk:
        recorder = await desk.record("q1", content[: SENT * 10])
        while len(desk.store.written) < SENT:
            await settle()
        recorder.give(content[SENT * 10 :])
    first = list(desk.store.written)
    async with sitting(journal=desk.journal, store=desk.store) as again:
        while key_of(Q1) not in again.store.objects:
            await again.clock.advance(1)
        assert again.store.objects == {key_of(Q1): content}
        assert len(again.signer.calls("list")) >= len(first) // PAGE
        sent = [number for _, number in again.store.written]
        assert sorted(sent) == list(range(1, MAX_PARTS + 1)), "a part is missing, or was sent twice"
        assert again.journal.is_empty
