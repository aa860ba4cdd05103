"""A decoded picture is made smaller and turned upright as an exact average would do it (static/media/scale.mjs)."""

import json
import subprocess
from base64 import b64decode, b64encode
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy
import pytest

from server.build.fetch import node
from tests.support.browsers import ROOT

# A decoder's picture, as far as the module looks at it; the pictures of one order go through the same module.
SCRIPT = """
import { readFileSync } from "node:fs";
const [module, path] = process.argv.slice(1);
const { scaler } = await import(module);
const { samples, transform } = JSON.parse(readFileSync(path, "utf-8"));
const scale = scaler(class { constructor(bytes, facts) { Object.assign(this, { bytes, facts }); } });
const results = [];
for (const { content, layout, ...sample } of samples) {
  const bytes = Buffer.from(content, "base64");
  sample.allocationSize = () => bytes.length;
  sample.copyTo = async (target) => { target.set(bytes); return layout; };
  sample.colorSpace = { toJSON: () => ({ matrix: "bt709" }) };
  const scaled = await scale(sample, transform);
  results.push(scaled && { ...scaled, bytes: Buffer.from(scaled.bytes).toString("base64") });
}
console.log(JSON.stringify(results));
"""
PADDING = 5  # bytes behind each row, as decoders leave them
SMALLER: dict[str, Any] = {"width": 64, "height": 36, "fit": "fill", "rotation": 0, "flip": None}


def planes(width: int, height: int, seed: int = 1) -> list[Any]:
    """Return the planes Y, U and V of a picture of noise: a mistake by one pixel changes every value."""
    random = numpy.random.default_rng(seed)
    half = (-(-height // 2), -(-width // 2))
    return [random.integers(0, 256, size, numpy.uint8) for size in ((height, width), half, half)]


def sample(picture: list[Any], kind: str = "I420") -> dict[str, Any]:
    """Return the picture as a decoder gives it."""
    luma, u, v = picture
    rows = [luma, u, v] if kind == "I420" else [luma, numpy.dstack([u, v]).reshape(len(u), -1)]
    padded = [numpy.pad(plane, ((0, 0), (0, PADDING)), constant_values=255) for plane in rows]
    offsets = numpy.cumsum([0, *(plane.size for plane in padded)])
    height, width = luma.shape
    return {
        "format": kind,
        "content": b64encode(b"".join(plane.tobytes() for plane in padded)).decode(),
        "layout": [{"offset": int(at), "stride": plane.shape[1]} for at, plane in zip(offsets, padded, strict=False)],
        "visibleRect": {"width": width, "height": height},
        "squarePixelWidth": width,
        "squarePixelHeight": height,
        "timestamp": 1.5,
        "duration": 0.04,
    }


def scaled(folder: Path, samples: list[dict[str, Any]], **transform: Any) -> list[dict[str, Any] | None]:
    """Return what the module makes of each sample; None where it leaves the picture to a canvas."""
    transform = {**SMALLER, **transform}
    shown = [samples[0]["squarePixelWidth"], samples[0]["squarePixelHeight"]]
    width, height = reversed(shown) if transform["rotation"] % 180 else shown
    transform.setdefault("crop", {"left": 0, "top": 0, "width": width, "height": height})
    (order := folder / "order.json").write_text(json.dumps({"samples": samples, "transform": transform}))
    module = (ROOT / "static/media/scale.mjs").as_uri()
    command = [node(ROOT, print)[0], "--input-type=module", "-e", SCRIPT, module, str(order)]
    results: list[dict[str, Any] | None] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return results


def averaged(plane: Any, width: int, height: int) -> Any:
    """Return the plane at another size: each new pixel is the mean of the area that it covers."""
    return _shares(plane.shape[0], height) @ plane @ _shares(plane.shape[1], width).T


def _shares(old: int, new: int) -> Any:
    edges = numpy.linspace(0, old, new + 1)
    pixels = numpy.arange(old)
    spans = [
        numpy.clip(numpy.minimum(pixels + 1, end) - numpy.maximum(pixels, start), 0, 1)
        for start, end in pairwise(edges)
    ]
    return numpy.array(spans) * new / old


def assert_is(result: dict[str, Any] | None, picture: list[Any], width: int, height: int, rotation: int = 0) -> None:
    """Assert that `result` is the picture, turned clockwise by `rotation`, at that size."""
    assert result is not None
    values = numpy.frombuffer(b64decode(result["bytes"]), numpy.uint8).astype(float)
    assert values.size == width * height * 3 // 2
    sizes = [(width, height), (width // 2, height // 2), (width // 2, height // 2)]
    found = numpy.split(values, numpy.cumsum([across * down for across, down in sizes])[:-1])
    for plane, got, (across, down) in zip(picture, found, sizes, strict=True):
        expected = averaged(numpy.rot90(plane, -rotation // 90), across, down)
        assert numpy.abs(got.reshape(down, across) - expected).max() < 0.51  # it rounds


@pytest.mark.parametrize("kind", ["I420", "NV12"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_picture_is_averaged_and_turned_clockwise(tmp_path: Path, kind: str, rotation: int):
    picture = planes(160, 90)
    width, height = (36, 64) if rotation % 180 else (64, 36)
    (result,) = scaled(tmp_path, [sample(picture, kind)], width=width, height=height, rotation=rotation)
    assert_is(result, picture, width, height, rotation)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((64, 36), (64, 36)),  # turned or recoded alone
        ((65, 37), (64, 36)),  # odd sides: half of them is rounded up
        ((63, 35), (64, 36)),  # even sides may be larger by one
        ((640, 360), (64, 36)),  # more pixels under each new one than are added up at once
        ((64, 36), (2, 2)),
    ],
)
def test_every_size_is_an_exact_average(tmp_path: Path, old: tuple[int, int], new: tuple[int, int]):
    picture = planes(*old)
    (result,) = scaled(tmp_path, [sample(picture)], width=new[0], height=new[1])
    assert_is(result, picture, *new)


def test_picture_keeps_its_time_and_colours_and_owes_nothing_to_the_one_before(tmp_path: Path):
    pictures = [planes(160, 90, seed) for seed in (1, 2)]
    results = scaled(tmp_path, [sample(picture) for picture in pictures])
    for picture, result in zip(pictures, results, strict=True):
        assert_is(result, picture, 64, 36)
    facts = results[1]["facts"] if results[1] else {}
    assert (facts["format"], facts["codedWidth"], facts["codedHeight"]) == ("I420", 64, 36)
    assert (facts["timestamp"], facts["duration"], facts["colorSpace"]) == (1.5, 0.04, {"matrix": "bt709"})


@pytest.mark.parametrize(
    ("sample_facts", "transform"),
    [
        ({"format": "BGRX"}, {}),
        ({"format": None}, {}),  # a decoder that does not say
        ({"squarePixelWidth": 200}, {"crop": {"left": 0, "top": 0, "width": 160, "height": 90}}),
        ({}, {"crop": {"left": 8, "top": 0, "width": 152, "height": 90}}),
        ({}, {"flip": "horizontal"}),
        ({}, {"fit": "contain"}),
        ({}, {"width": 63}),
        ({}, {"height": 35}),
    ],
)
def test_what_it_cannot_do_is_left_to_a_canvas(tmp_path: Path, sample_facts: dict[str, Any], transform: dict[str, Any]):
    assert scaled(tmp_path, [sample(planes(160, 90)) | sample_facts], **transform) == [None]
