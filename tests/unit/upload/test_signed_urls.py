"""The stock of signed URLs."""

import asyncio

import pytest

from app.contract import CreateUpload
from app.core.errors import NetworkFailed, SignerInvalid
from app.core.upload.events import UploadCreated
from app.core.upload.parts import Part
from app.upload.signed_urls import SignedUrls
from tests.support.fake_clock import FakeClock
from tests.support.fake_signer import FakeSigner
from tests.support.fake_store import ORIGIN, FakeStore, video
from tests.support.held import settle

pytestmark = pytest.mark.anyio
MD5 = "0" * 32


class Desk:
    def __init__(self, sign_ahead: int = 4, *, is_md5_signed: bool = False) -> None:
        self.store = FakeStore()
        self.signer = FakeSigner(self.store)
        self.clock = FakeClock()
        self.urls = SignedUrls(self.signer, self.clock, ORIGIN, sign_ahead)
        ref = video()
        grant = self.store.create(
            CreateUpload(question=ref.question, take=1, track=ref.track, content_type="video/webm", nonce="0" * 32)
        )
        self.upload = UploadCreated(ref, grant.upload, grant.key, grant.parts, is_md5_signed)

    async def take(self, number: int, size: int = 10) -> str:
        return (await self.urls.take(self.upload, Part(number, (number - 1) * 10, size), MD5)).url

    @property
    def signed(self) -> list[list[int]]:
        """Return the part numbers of each call."""
        return [[part.number for part in parts] for _, parts in self.signer.calls("sign")]


async def test_parts_are_signed_ahead_in_one_call():
    desk = Desk(sign_ahead=3)
    for number in range(1, 7):
        assert (await desk.take(number)).endswith(f"/{number}")
    assert desk.signed == [[1, 2, 3], [4, 5, 6]]


async def test_two_parts_that_start_together_need_one_call():
    desk = Desk()
    await asyncio.gather(desk.take(1), desk.take(2))
    assert desk.signed == [[1, 2, 3, 4]]


async def test_last_part_is_signed_for_its_own_size_and_alone():
    desk = Desk()
    await desk.take(1)
    await desk.take(2, size=4)
    assert desk.signed == [[1, 2, 3, 4], [2]]
    (_, (part,)) = desk.signer.calls("sign")[-1]
    assert (part.size, part.md5) == (4, None)


async def test_store_that_wants_the_digest_signed_is_asked_part_by_part():
    desk = Desk(is_md5_signed=True)
    await desk.take(1)
    await desk.take(2)
    assert desk.signed == [[1], [2]]
    assert desk.signer.calls("sign")[0][1][0].md5 == MD5


async def test_url_is_handed_out_once():
    desk = Desk()
    await desk.take(1)
    await desk.take(1)
    assert desk.signed == [[1, 2, 3, 4], [1, 2, 3, 4]]


async def test_url_that_may_expire_on_its_way_is_not_used():
    desk = Desk()
    await desk.take(1)
    desk.clock.time += desk.store.url_life_s * 0.79
    await desk.take(2)
    assert len(desk.signed) == 1
    desk.clock.time += desk.store.url_life_s * 0.02
    await desk.take(3)
    assert desk.signed[-1] == [3, 4, 5, 6]


async def test_url_of_no_life_is_used_at_once_and_never_kept():
    desk = Desk()
    desk.store.url_life_s = 0
    await desk.take(1)
    await desk.take(2)
    assert desk.signed == [[1, 2, 3, 4], [2, 3, 4, 5]]


async def test_forgotten_stock_is_not_used():
    desk = Desk()
    await desk.take(1)
    desk.urls.forget(desk.upload)
    await desk.take(2)
    assert desk.signed == [[1, 2, 3, 4], [2, 3, 4, 5]]


async def test_no_part_beyond_the_last_number_is_asked_for():
    desk = Desk()
    await desk.take(9_999)
    assert desk.signed == [[9_999, 10_000]]


async def test_answer_for_another_part_is_refused():
    desk = Desk()
    desk.signer.holding = {"sign"}
    taking = asyncio.create_task(desk.take(1))
    call = await desk.signer.next_call("sign")
    handle, parts = call.asked
    call.answer(desk.store.sign(handle, parts[1:]))
    with pytest.raises(SignerInvalid):
        await taking


async def test_failed_call_does_not_block_the_next():
    desk = Desk()
    desk.signer.holding = {"sign"}
    first, second = asyncio.create_task(desk.take(1)), asyncio.create_task(desk.take(2))
    (await desk.signer.next_call("sign")).fail(NetworkFailed("down"))
    (await desk.signer.next_call("sign")).answer()
    with pytest.raises(NetworkFailed):
        await first
    assert (await second).endswith("/2")


async def test_cancelled_call_does_not_block_the_next():
    desk = Desk()
    desk.signer.holding = {"sign"}
    first = asyncio.create_task(desk.take(1))
    await desk.signer.next_call("sign")
    first.cancel()
    desk.signer.holding = set()
    await settle()
    assert (await desk.take(2)).endswith("/2")
