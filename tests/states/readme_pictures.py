"""Make the two pictures of the README anew: `python -m tests.states.readme_pictures`."""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.browsers import ROOT, launch_options
from tests.support.faults.faulty_stack import FaultyStack
from tests.support.files import script
from tests.support.page_driver import BOOT_TIMEOUT_MS, TIMEOUT_MS, WELCOME
from tests.support.states.room import Room, running_faults

DEMO = ROOT / "static/interviews"
PICTURES: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {
    "recording": ((1280, 860), {"color_scheme": "light"}),
    "recording-phone": ((390, 844), {"color_scheme": "dark", "device_scale_factor": 2}),
}


def main() -> None:
    expect.set_options(timeout=TIMEOUT_MS)
    with tempfile.TemporaryDirectory() as folder, running_faults(Path(folder), DEMO) as faults, sync_playwright() as p:
        browser = p.chromium.launch(**launch_options("chromium"))
        for name in PICTURES:
            _take(name, faults, browser)
        browser.close()


def _take(name: str, faults: FaultyStack, browser: Browser) -> None:
    """Show a candidate who has been speaking for twelve seconds."""
    viewport, options = PICTURES[name]
    scene = script("scene")
    room = Room(faults, browser, script=scene, viewport=viewport, options=options | {"reduced_motion": "reduce"})
    with room.candidate("demo") as candidate:
        page = room.open_page(candidate)
        page.locator(WELCOME).wait_for(timeout=BOOT_TIMEOUT_MS)
        candidate.begin()
        candidate.press("introduction", "record")
        expect(candidate.question("introduction").get_by_role("timer")).to_have_text("0:12")
        page.screenshot(path=ROOT / f"docs/{name}.jpg", type="jpeg", quality=86)
        candidate.stop("introduction")


if __name__ == "__main__":
    main()
