"""The end of a film that is encoded again (static/media/reencode.mjs): a run that fails is no end.

A stand-in for mediabunny does what the library does when a decoder dies: it closes the pieces as at a film's end, and
its run rejects only after that. tests/browser/test_shrinking.py has the library itself.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from server.build.fetch import node
from tests.support.browsers import ROOT

BUNNY = """
export const plan = {};
const track = {
  getDisplayWidth: async () => 640, getDisplayHeight: async () => 360,
  computePacketStats: async () => ({ averagePacketRate: 30 }),
};
export class Input {
  async getPrimaryVideoTrack() { return track; }
  async getPrimaryAudioTrack() { return null; }
  dispose() {}
}
export class EncodedPacketSink { async getFirstPacket() { return { sideData: {} }; } }
export class AppendOnlyStreamTarget { constructor(writable) { this.writable = writable; } }
export class Output { constructor({ target }) { this.target = target; } }
export class Conversion {
  discardedTracks = [];
  state = "executing";
  static async init({ output }) { return Object.assign(new Conversion(), { output }); }
  async cancel() {}
  async execute() {
    const writer = this.output.target.writable.getWriter();
    for (let piece = 0; piece < plan.pieces; piece += 1) await writer.write(Uint8Array.of(piece));
    await writer.close();
    if (!plan.fails) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new Error("the decoder died");
  }
}
export const registerVideoSampleTransformer = () => {};
export const canEncodeVideo = async () => true;
export class VideoSample {}
export class BlobSource {}
export class Quality {}
export class Mp4OutputFormat {}
export class WebMOutputFormat {}
export const [MP4, QTFF, WEBM, MATROSKA] = [1, 2, 3, 4];
"""
SCRIPT = """
const [module, vendor, plan] = process.argv.slice(1);
globalThis.document = { querySelector: () => ({ href: `${vendor}/stdlib.zip` }) };
globalThis.VideoEncoder = globalThis.VideoDecoder = class {};
globalThis.MediaRecorder = { isTypeSupported: () => true };
Object.assign((await import(`${vendor}/mediabunny.mjs`)).plan, JSON.parse(plan));
const { Reencoding } = await import(module);
const reencoding = new Reencoding(new Blob(), { side_px: 1280, frames_per_second: 30, video_bits_per_second: 600000 });
const found = [];
try {
  for (let piece; (piece = await reencoding.next()); ) found.push([...new Uint8Array(await piece.arrayBuffer())]);
  found.push("whole");
} catch (error) {
  found.push(error.message);
}
console.log(JSON.stringify(found));
"""


@pytest.mark.parametrize(
    ("pieces", "fails", "found"),
    [(2, False, [[0], [1], "whole"]), (2, True, [[0], [1], "the decoder died"]), (0, True, ["the decoder died"])],
)
def test_a_film_is_whole_only_if_its_run_has_succeeded(tmp_path: Path, pieces: int, fails: bool, found: list[Any]):
    (tmp_path / "mediabunny.mjs").write_text(BUNNY)
    plan = json.dumps({"pieces": pieces, "fails": fails})
    module = (ROOT / "static/media/reencode.mjs").as_uri()
    command = [node(ROOT, print)[0], "--input-type=module", "-e", SCRIPT, module, tmp_path.as_uri(), plan]
    assert json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout) == found
