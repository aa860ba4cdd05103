"""How bright a picture is: read from the picture itself, or from a canvas where the browser does not give it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.fake_javascript import Browser, JsError

pytestmark = pytest.mark.anyio

WIDTH, HEIGHT, STRIDE, OFFSET = 64, 36, 80, 7  # rows are longer than the picture is wide, and begin later
CANVAS = 0.5  # what the canvas says


class Bytes(bytearray):
    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.kept_bytes = size
        self.buffer = SimpleNamespace(transfer=self._transfer)

    def _transfer(self, size: int) -> None:
        self.kept_bytes = size

    def subarray(self, start: int, end: int) -> SimpleNamespace:
        return SimpleNamespace(to_bytes=lambda: bytes(self[start:end]))


class Frame:
    """A picture whose luminance is `luma` everywhere, between bytes that would spoil the mean."""

    opened: list["Frame"]
    copied: list[Bytes]
    luma, form, is_full, hangs = 16, "I420", False, False

    def __init__(self, _video: Any, _options: Any) -> None:
        Frame.opened.append(self)
        self.format, self.is_closed = Frame.form, False
        self.colorSpace = SimpleNamespace(fullRange=Frame.is_full)
        self.visibleRect = SimpleNamespace(width=WIDTH, height=HEIGHT)

    def allocationSize(self) -> int:  # noqa: N802  JavaScript's name
        return OFFSET + STRIDE * HEIGHT

    async def copyTo(self, target: Bytes) -> list[SimpleNamespace]:  # noqa: N802  JavaScript's name
        Frame.copied.append(target)
        if Frame.hangs:
            await asyncio.Event().wait()
        for row in range(HEIGHT):
            start = OFFSET + STRIDE * row
            target[start : start + STRIDE] = bytes([Frame.luma] * WIDTH + [128] * (STRIDE - WIDTH))
        return [SimpleNamespace(offset=OFFSET, stride=STRIDE)]

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def meter(monkeypatch):
    for name, value in {
        "opened": [],
        "copied": [],
        "luma": 16,
        "form": "I420",
        "is_full": False,
        "hangs": False,
    }.items():
        monkeypatch.setattr(Frame, name, value, raising=False)
    browser = Browser(monkeypatch)
    grey = bytes([round(255 * CANVAS)] * (32 * 18 * 4))
    context = SimpleNamespace(
        drawImage=lambda *_: None,
        getImageData=lambda *_: SimpleNamespace(data=SimpleNamespace(to_bytes=lambda: grey)),
    )
    video = SimpleNamespace(videoWidth=WIDTH)
    made = {"video": video, "canvas": SimpleNamespace(getContext=lambda *_: context)}
    browser.js.document = SimpleNamespace(createElement=lambda name: made[name])
    browser.js.Object = SimpleNamespace(fromEntries=dict)
    browser.js.Uint8Array = SimpleNamespace(new=Bytes)
    browser.js.VideoFrame = SimpleNamespace(new=Frame)
    one = browser.adapter("media.light", "LightMeter")()
    one.browser, one.video = browser, video
    monkeypatch.setattr(f"{one.__module__}.LOOK_S", 0.01)
    return one


@pytest.mark.parametrize(
    ("luma", "is_full", "brightness"),
    [(16, False, 0.0), (235, False, 1.0), (0, False, 0.0), (126, False, 0.502), (0, True, 0.0), (255, True, 1.0)],
)
@pytest.mark.parametrize("form", ["I420", "NV12"])
async def test_the_picture_itself_tells(meter, luma, is_full, brightness, form):
    Frame.luma, Frame.is_full, Frame.form = luma, is_full, form
    assert await meter.brightness() == pytest.approx(brightness, abs=0.001)
    assert [frame.is_closed for frame in Frame.opened] == [True]
    assert [copy.kept_bytes for copy in Frame.copied] == [0]


@pytest.mark.parametrize("why", ["no planes", "an empty video", "no such thing", "no reply"])
async def test_where_the_browser_does_not_give_it_a_canvas_does(meter, why):
    def refuse(*_: Any) -> None:
        raise JsError("InvalidStateError")

    match why:
        case "no planes":
            Frame.form = "RGBA"
        case "an empty video":
            meter.browser.js.VideoFrame.new = refuse
        case "no such thing":
            del meter.browser.js.VideoFrame
        case _:
            Frame.hangs = True
    assert await meter.brightness() == pytest.approx(CANVAS, abs=0.01)
    assert all(frame.is_closed for frame in Frame.opened)


async def test_before_the_first_picture_nothing_is_known(meter):
    meter.video.videoWidth = 0
    assert await meter.brightness() is None
    assert Frame.opened == []
