"""Files as the recorders of real browsers give them."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.files import script

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TYPES = {
    "chromium": (
        "video/mp4;codecs=avc3.42E01F,opus",
        "video/mp4;codecs=vp9,opus",
        "video/webm;codecs=vp8,opus",
        "audio/webm;codecs=opus",
        "audio/mp4;codecs=opus",
    ),
    "firefox": ("video/webm;codecs=vp8,opus", "audio/webm;codecs=opus"),
}
_SECURE = "https://recorder.test/"  # answered here: cameras need a secure page


def record(browser: "Browser", name: str, folder: Path, *, duration_s: float) -> dict[str, list[Path]]:
    """Record every type that this browser gives; return the files by track."""
    found: dict[str, list[Path]] = {"video": [], "audio": []}
    page = browser.new_page()
    page.route(f"{_SECURE}*", lambda route: route.fulfill(body="<title>Recorder</title>", content_type="text/html"))
    page.goto(_SECURE)
    for number, type_ in enumerate(TYPES[name]):
        track, _, rest = type_.partition("/")
        target = folder / f"{name}-{number}-{track}.{rest.partition(';')[0]}"
        target.write_bytes(base64.b64decode(page.evaluate(script("recorder"), [type_, duration_s])))
        found[track].append(target)
    page.close()
    return found
