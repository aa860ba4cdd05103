"""A whole interview on the smallest phone, by touch, in the dark, with no motion: 320 px."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from tests.support.page_driver import BOOT_TIMEOUT_MS, WELCOME

if TYPE_CHECKING:
    from tests.support.faults.faulty_stack import FaultyStack

THUMB = 44  # px: what a thumb hits
PHONE = {"has_touch": True, "is_mobile": True, "reduced_motion": "reduce", "color_scheme": "dark"}


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[FaultyStack]":
    from tests.support.states.room import running_faults

    with running_faults(tmp_path_factory.mktemp("small")) as running:
        yield running


def tap(button: Locator) -> None:
    """Touch what must be large enough for a thumb, and within the screen's width."""
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= THUMB, f"{button} is {box['width']} × {box['height']} px"
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= button.page.evaluate("() => document.documentElement.clientWidth")
    button.tap()


def test_an_interview_can_be_given_by_touch_at_320_px_without_motion(browsers, faults):
    from tests.support.states.room import Room

    room = Room(faults, browsers.get("chromium"), viewport=(320, 640), options=PHONE)
    with room.candidate("short") as candidate:
        page = room.open_page(candidate)
        page.locator(WELCOME).wait_for(timeout=BOOT_TIMEOUT_MS)
        tap(page.locator("[data-action=check-devices]"))
        tap(page.locator("[data-action=begin]"))
        tap(candidate.question("face").locator("[data-action=record]"))
        expect(candidate.question("face").locator("[data-action=stop]")).to_be_visible()

        # That it records is told by the tab, the top of the page, a word and a frame, none of which moves.
        assert page.title().startswith("● Recording")
        expect(page.locator("#standing")).to_have_text("Recording")
        expect(candidate.question("face").locator("[data-strip]")).to_contain_text("Recording")
        assert page.evaluate("() => document.getAnimations().length") == 0

        candidate.until(lambda: candidate.stored_parts("face", "video"), "a part is stored")
        tap(candidate.question("face").locator("[data-action=stop]"))
        tap(candidate.question("face").locator("[data-step=overview]"))
        expect(page.locator("#overview-title")).to_be_focused()
        tap(page.locator("nav [data-goto=words]"))
        candidate.question("words").locator("textarea").tap()
        page.keyboard.type("Clear goals.")
        tap(page.locator("[data-question=words] [data-step=submit]"))
        expect(page.locator("[data-action=submit]")).to_be_focused()
        expect(page.locator("[data-action=submit]:not([aria-disabled])")).to_be_visible()
        tap(page.locator("[data-action=submit]"))

        expect(page.locator("[data-receipt]")).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
        record = candidate.read_json("submission.json")["answers"][0]["tracks"]["video"]
        candidate.assert_object_is(candidate.recording("face", "video"), record)
        candidate.watch.verify()
