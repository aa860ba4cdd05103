"""A second click or tap, where the first one has already changed what is under it."""

import time

import pytest
from playwright.sync_api import Locator, expect

from tests.conftest import CHROMIUM

GAPS_MS = (60, 150, 300, 600, 1000)
SPOKEN = {gap_ms: f"gap-{gap_ms}" for gap_ms in GAPS_MS}


def press_twice(button: Locator, gap_ms: int, *, by_touch: bool = False) -> None:
    """Press the place where a button stands, and the same place again."""
    button.scroll_into_view_if_needed()
    button.click(trial=True)  # it takes presses
    box = button.bounding_box()
    assert box is not None
    page = button.page
    press = page.touchscreen.tap if by_touch else page.mouse.click
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    began_at = time.monotonic()
    press(*at)
    page.wait_for_timeout(max(0, gap_ms - (time.monotonic() - began_at) * 1000))
    press(*at)


def phase_of(candidate, question):
    return candidate.question(question).locator("[data-phase]")


def give_hastily(candidate, *, by_touch=False):
    """Answer every question with two presses for one, and hand in."""
    candidate.begin()
    for gap_ms, question in SPOKEN.items():
        candidate.go_to(question)
        shown = candidate.question(question)
        press_twice(shown.locator("[data-action=record]"), gap_ms, by_touch=by_touch)
        candidate.until(lambda q=question: len(candidate.recordings(q)) == 1, "it records")
        candidate.until(lambda q=question: len(candidate.recording(q).sizes) >= 8, "it goes on recording")
        expect(phase_of(candidate, question)).to_have_attribute("data-phase", "recording")

        press_twice(shown.locator("[data-action=stop]"), gap_ms, by_touch=by_touch)
        candidate.wait_for_state(question, "completed")
        expect(phase_of(candidate, question)).to_have_attribute("data-phase", "taken")
        assert not candidate.page.locator("dialog[open]").is_visible(), f"asked after {gap_ms} ms"
    candidate.submit()
    answers = {answer["question"]: answer for answer in candidate.read_json("submission.json")["answers"]}
    assert {question: answer["take"] for question, answer in answers.items()} == dict.fromkeys(SPOKEN.values(), 1)
    for question in SPOKEN.values():
        assert len(candidate.recordings(question)) == 1
        named = candidate.read_json(f"{question}/take-1/answer.json")["tracks"]["audio"]
        candidate.assert_object_is(candidate.recording(question), named)
        assert answers[question]["tracks"]["audio"] == named


def test_row_39_second_click_neither_stops_nor_discards(sit_down):
    give_hastily(sit_down("hasty"))


@CHROMIUM
def test_row_39_second_tap_neither_stops_nor_discards(sit_down):
    give_hastily(sit_down("hasty", has_touch=True), by_touch=True)


@pytest.mark.parametrize("by_touch", [False, True])
@CHROMIUM
def test_row_39_second_press_does_not_skip_the_preparation(sit_down, by_touch):
    candidate = sit_down("hasty", has_touch=by_touch)
    candidate.begin()
    for gap_ms in GAPS_MS:
        candidate.go_to("prepared")
        press_twice(candidate.question("prepared").locator("[data-action=record]"), gap_ms, by_touch=by_touch)
        expect(phase_of(candidate, "prepared")).to_have_attribute("data-phase", "preparing")
        candidate.page.wait_for_timeout(300)  # what a press had done would be seen by now
        assert candidate.watch.recordings == [], f"skipped after {gap_ms} ms"
        candidate.go_to("gap-60")
