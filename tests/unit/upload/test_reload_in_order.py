"""After a reload: parts that the store takes in order go on behind what it has."""

import pytest

from app.core.session.actions import Stop
from tests.support.fake_store import key_of, md5_hex, video
from tests.support.ordered_store import LARGEST, OrderedStore
from tests.support.sitting import sitting
from tests.support.uploading import content

pytestmark = pytest.mark.anyio
Q1 = video("q1")


async def test_reload_goes_on_behind_what_the_store_has():
    recorded = content(3 * LARGEST)
    async with sitting(store=OrderedStore()) as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", recorded)
        (await desk.transport.next_piece()).acknowledge()
        (await desk.transport.next_piece()).store()  # the reply is lost with the page
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert [piece.place.header for piece in again.transport.pieces] == ["bytes 30-44/45"]
        assert again.store.objects == {key_of(Q1): recorded}
        [end] = again.signer.calls("complete")
        ends = [LARGEST, 2 * LARGEST, 3 * LARGEST]
        assert [part.etag for part in end.parts] == [md5_hex(recorded[:size]) for size in ends]


async def test_reload_after_the_lost_reply_of_the_last_part_sends_nothing():
    async with sitting(store=OrderedStore()) as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", content(LARGEST + 2))
        (await desk.transport.next_piece()).acknowledge()
        await desk.action(Stop("q1"))
        (await desk.transport.next_piece()).store()
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.transport.pieces == []
        assert again.store.objects == {key_of(Q1): content(LARGEST + 2)}
        assert again.view.figures.is_safe
