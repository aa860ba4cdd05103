"""Is a stored recording whole? ffmpeg decodes all of it, and a browser seeks in it and plays its first second."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.store.embedded import BUCKET
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.clip import clip_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLAYED_S = 1.0  # of the beginning
OPEN_S = 10
# `play` looks at nothing but the object itself, by a signed URL. It ends at the first thing that does not work.
_PLAY = """(async (address) => {
  const player = Object.assign(document.createElement("video"), { muted: true, src: address });
  const until = (name) => new Promise((resolve, reject) => {
    player.addEventListener(name, resolve, { once: true });
    setTimeout(() => reject(new Error(name)), 5000);
  });
  const found = { plays: false, seeks: false };
  try {
    await until("loadeddata");
    const begunAt = player.currentTime;
    await player.play();
    for (let tries = 0; tries < 100 && player.currentTime < %(played_s)s; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    player.pause();
    found.plays = begunAt < 0.1 && player.currentTime >= %(played_s)s && player.videoWidth > 0;
    const places = [0.75, 0.25, 0.5].map((share) => share * %(duration_s)s);
    for (const place of places) {
      const seeked = until("seeked");
      player.currentTime = place;
      await seeked;
      if (Math.abs(player.currentTime - place) > 0.1 || player.readyState < 2) return found;
    }
    found.seeks = true;
  } catch { /* what was found until then is returned */ }
  player.removeAttribute("src");
  return found;
})(%(address)s)"""


@dataclass(frozen=True)
class Soundness:
    decodes: bool  # every frame of it
    seeks: bool
    plays: bool  # from its first second
    duration_s: float


def check_recording(s3: "S3Client", key: str, browser: Chromium) -> Soundness:
    """Look at a stored recording, in a page that leaves the one the browser shows."""
    clip = clip_of(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read(), None)
    address = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=300)
    # From the store's own origin: Chromium lets no empty page reach this machine's addresses.
    browser.open(address)
    browser.wait_for(f"location.href === {json.dumps(address)} && document.body !== null", OPEN_S)
    script = _PLAY % {"address": json.dumps(address), "played_s": PLAYED_S, "duration_s": clip.duration_s}
    seen = browser.evaluate(script)
    return Soundness(clip.failed == 0, bool(seen["seeks"]), bool(seen["plays"]), clip.duration_s)
