"""A camera that is asked for a smaller picture or fewer frames, held level or upright."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from app.contract import Rung
from tests.support.fake_javascript import Browser, JsError

pytestmark = pytest.mark.anyio

SMALL = Rung(short_side=360, frames_per_second=24, video_bits_per_second=600_000)
LEVEL = {"width": {"ideal": 640}, "height": {"ideal": 360}}


class Track:
    """As Chromium on a telephone: settings are those of the turned picture, constraints those of the camera."""

    def __init__(self, size: tuple[int, int], *, is_held_upright: bool = False, tells: str = "all") -> None:
        self._size, self._is_held_upright = size, is_held_upright
        self.given: list[dict[str, Any]] = []
        self.refuses: tuple[str, ...] = ()  # limits of the frame rate
        self.answers = asyncio.Event()
        self.answers.set()
        most = {name: SimpleNamespace(max=side) for name, side in zip(("width", "height"), size, strict=True)}
        ranges = {"all": most, "no ranges": {name: SimpleNamespace() for name in most}, "nothing": {}}
        if tells in ranges:
            self.getCapabilities = lambda: SimpleNamespace(**ranges[tells])

    def getSettings(self) -> SimpleNamespace:  # noqa: N802  JavaScript's name
        width, height = reversed(self._size) if self._is_held_upright else self._size
        return SimpleNamespace(width=width, height=height, frameRate=30)

    async def applyConstraints(self, constraints: dict[str, Any]) -> None:  # noqa: N802  JavaScript's name
        await self.answers.wait()
        if set(constraints["frameRate"]) & set(self.refuses):
            raise JsError("OverconstrainedError")
        self.given.append(constraints)


@pytest.fixture
def camera(monkeypatch):
    browser = Browser(monkeypatch)
    browser.js.Object = SimpleNamespace(fromEntries=dict)
    return browser.adapter("media.camera", "Camera")


@pytest.mark.parametrize("tells", ["all", "no ranges", "nothing", "has no such call"])
@pytest.mark.parametrize("is_held_upright", [False, True])
async def test_a_telephone_held_upright_is_asked_as_if_it_lay(camera, is_held_upright, tells):
    track = Track((1280, 720), is_held_upright=is_held_upright, tells=tells)
    one = camera(track)
    await one.fit(SMALL)
    assert track.given == [LEVEL | {"frameRate": {"max": 24}}]


async def test_thinning_keeps_the_size_of_the_camera_however_it_is_held(camera):
    track = Track((1280, 720), is_held_upright=True)
    camera(track).thin(15)
    await asyncio.sleep(0)
    assert track.given == [{"width": {"ideal": 1280}, "height": {"ideal": 720}, "frameRate": {"max": 15}}]


async def test_a_camera_that_is_built_upright_is_asked_upright(camera):
    track = Track((720, 1280))
    await camera(track).fit(SMALL)
    assert track.given == [{"width": {"ideal": 360}, "height": {"ideal": 640}, "frameRate": {"max": 24}}]


async def test_a_camera_that_cannot_give_fewer_frames_gives_the_size(camera):
    track = Track((1280, 720))
    track.refuses = ("max",)
    await camera(track).fit(SMALL)
    assert track.given == [LEVEL | {"frameRate": {"ideal": 24}}]


async def test_the_same_is_asked_again_only_if_it_was_refused(camera):
    track = Track((1280, 720))
    one = camera(track)
    await one.fit(SMALL)
    await one.fit(SMALL)
    assert len(track.given) == 1
    track.refuses = ("max", "ideal")
    await one.fit(SMALL.model_copy(update={"short_side": 240}))
    track.refuses = ()
    await one.fit(SMALL)
    assert len(track.given) == 2


async def test_a_second_request_waits_for_the_change_that_is_under_way(camera):
    track = Track((1280, 720))
    one = camera(track)
    track.answers.clear()
    first = asyncio.ensure_future(one.fit(SMALL))
    second = asyncio.ensure_future(one.fit(SMALL))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not first.done()
    assert not second.done()
    track.answers.set()
    await first
    await second
    assert len(track.given) == 1
