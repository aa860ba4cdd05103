"""Make a picture of every state, on a phone and on a desk, light and dark: `python -m tests.states.pictures`."""

import argparse
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.support.browsers import ROOT, launch_options
from tests.support.files import script
from tests.support.page_driver import TIMEOUT_MS, Candidate
from tests.support.states.room import Room, running_faults
from tests.support.states.walks import WALKS

FOLDER = ROOT / "screenshots"
WINDOWS = {"phone": (390, 844), "desk": (1280, 900)}
SCHEMES = ("light", "dark")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="walk of this name alone")
    parser.add_argument("--lang", default="", help="language of the page")
    parser.add_argument("--into", type=Path, default=FOLDER)
    asked = parser.parse_args()
    scene = script("scene")
    query = f"?lang={asked.lang}" if asked.lang else ""
    expect.set_options(timeout=TIMEOUT_MS)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_faults(Path(folder)) as faults,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(**launch_options("chromium"))
        room = Room(faults, browser, script=scene, query=query, options={"reduced_motion": "reduce"})
        for walk in WALKS:
            if asked.only in ("", walk.__name__):
                into = asked.into / walk.__name__
                shutil.rmtree(into, ignore_errors=True)
                for number, (state, candidate) in enumerate(walk(room), 1):
                    _take(candidate, into, f"{number:02}-{state}")
        browser.close()


def _take(candidate: Candidate, into: Path, name: str) -> None:
    """Take all pictures of the state in which the page stands, then make the window what it was."""
    page = candidate.page
    was = page.viewport_size
    for window, (width, height) in WINDOWS.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.evaluate("() => scrollTo(0, 0)")  # else the top of the page sticks in the middle of the picture
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            is_asked = page.locator("dialog[open]").count() > 0  # it covers the window, not the whole page
            page.screenshot(path=into / f"{name}-{window}-{scheme}.png", full_page=not is_asked)
    page.emulate_media(color_scheme="light")
    if was:
        page.set_viewport_size(was)
    print(f"{into.name}/{name}", flush=True)


if __name__ == "__main__":
    main()
