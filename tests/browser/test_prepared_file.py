"""A file that was recorded elsewhere: checked, then stored byte for byte. No camera is asked for."""

import base64
import hashlib

from playwright.sync_api import expect

from tests.support.page_driver import BOOT_TIMEOUT_MS

# Two films of noise at once, a short and a long one, as base64.
FILMS = """
async (lengths_s) => {
  const canvas = document.createElement("canvas");
  const drawing = canvas.getContext("2d");
  setInterval(() => {
    drawing.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
    drawing.fillRect(Math.random() * 200, Math.random() * 100, 90, 90);
  }, 40);
  const film = (length_s) => new Promise((resolve) => {
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
    recorder.ondataavailable = async ({ data }) => {
      const bytes = new Uint8Array(await data.arrayBuffer());
      resolve(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
    };
    recorder.start();
    setTimeout(() => recorder.stop(), length_s * 1000);
  });
  return Promise.all(lengths_s.map(film));
}
"""


def test_chosen_file_is_checked_then_stored_byte_for_byte(sit_down, browsers, browser_name):
    media_devices = browsers.get(browser_name).new_page()
    short, long = (base64.b64decode(film) for film in media_devices.evaluate(FILMS, [1, 5.5]))
    media_devices.close()
    candidate = sit_down("prepared")
    candidate.page.locator("[data-action=begin-without]").click(timeout=BOOT_TIMEOUT_MS)
    question = candidate.question("film")

    def choose(name: str, content_type: str, content: bytes) -> None:
        # By keyboard and pointer it is the browser's own field; Firefox tells Playwright of no dialogue.
        question.locator("[data-file] input").set_input_files(
            {"name": name, "mimeType": content_type, "buffer": content}
        )

    for topic, name, content_type, content in (
        ("file-wrong-type", "cv.pdf", "application/pdf", b"%PDF-1.7"),
        ("file-wrong-type", "renamed.webm", "video/webm", b"%PDF-1.7"),
        ("file-too-large", "large.webm", "video/webm", short + bytes(1_000_000)),
        ("file-unreadable", "cut.webm", "video/webm", short[:20]),
        ("file-too-long", "long.webm", "video/webm", long),
    ):
        choose(name, content_type, content)
        expect(candidate.notice(topic)).to_be_visible()
        expect(candidate.page.locator("[data-notice]:visible")).to_have_count(1)
    assert (candidate.objects(), candidate.journal_rows()["chunks"]) == ({}, 0)

    choose("short.webm", "video/webm", short)
    candidate.wait_for_state("film", "completed", track="video")
    expect(candidate.page.locator("[data-notice]:visible")).to_have_count(0)
    candidate.submit()

    (answer,) = candidate.read_json("submission.json")["answers"]
    record = answer["tracks"]["video"]
    assert candidate.read("film/take-1/video.webm") == short
    assert hashlib.sha256(short).hexdigest() == record["sha256"]
    assert (record["size"], record["prepared"]) == (len(short), True)
    assert 0.5 < record["duration_s"] < 3
    assert candidate.watch.device_requests == 0
