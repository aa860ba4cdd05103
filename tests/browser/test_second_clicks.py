"""A second click or tap, where the first one has already changed what is under it."""

import time

import pytest
from playwright.sync_api import Locator, expect

from tests.support.settings import CHROMIUM

GAPS_MS = (60, 150, 300, 600, 800)  # a busy machine presses up to 0.3 s late, and the guard lasts 1.1 s
PLACE = """
(node) => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return { x: x + scrollX, y: y + scrollY, width, height };
}
"""
ENDS_MS = (60, 600)  # of the same stretch: where a tap or another browser differs, it does there
SPOKEN = {gap_ms: f"gap-{gap_ms}" for gap_ms in GAPS_MS}


def press_twice(button: Locator, gap_ms: int, *, by_touch: bool = False) -> None:
    """Press the place where a button stands, and the same place again."""
    button.scroll_into_view_if_needed()
    button.click(trial=True)  # it takes presses
    box = button.bounding_box()
    assert box is not None
    page = button.page
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*at)  # beforehand: nothing but the gap itself stands between the presses

    def press() -> None:
        if by_touch:
            page.touchscreen.tap(*at)
            return
        page.mouse.down()
        page.mouse.up()

    began_at = time.monotonic()
    press()
    page.wait_for_timeout(max(0, gap_ms - (time.monotonic() - began_at) * 1000))
    press()


def phase_of(candidate, question):
    return candidate.question(question).locator("[data-phase]")


def place_of(button: Locator) -> dict[str, float]:
    """Return where it stands on the page, however far that is scrolled."""
    place: dict[str, float] = button.evaluate(PLACE)
    return place


def overlap(one, other):
    return all(
        one[start] < other[start] + other[length] and other[start] < one[start] + one[length]
        for start, length in (("x", "width"), ("y", "height"))
    )


def give_hastily(candidate, gaps_ms, *, by_touch=False):
    """Answer a question for every gap with two presses for one, and hand in."""
    candidate.begin()
    spoken = [SPOKEN[gap_ms] for gap_ms in gaps_ms]
    for gap_ms, question in zip(gaps_ms, spoken, strict=True):
        candidate.go_to(question)
        shown = candidate.question(question)
        press_twice(shown.locator("[data-action=record]"), gap_ms, by_touch=by_touch)
        candidate.until(lambda q=question: len(candidate.recordings(q)) == 1, "it records")
        candidate.until(lambda q=question: len(candidate.recording(q).sizes) >= 8, "it goes on recording")
        expect(phase_of(candidate, question)).to_have_attribute("data-phase", "recording")

        stop = place_of(shown.locator("[data-action=stop]"))
        press_twice(shown.locator("[data-action=stop]"), gap_ms, by_touch=by_touch)
        candidate.wait_for_state(question, "completed")
        expect(phase_of(candidate, question)).to_have_attribute("data-phase", "taken")
        assert not candidate.page.locator("dialog[open]").is_visible(), f"asked after {gap_ms} ms"
        assert not overlap(stop, place_of(shown.locator("[data-action=retake]"))), "Discard stands where Stop was"
    candidate.submit()
    answers = {answer["question"]: answer for answer in candidate.read_json("submission.json")["answers"]}
    assert {question: answer["take"] for question, answer in answers.items()} == dict.fromkeys(spoken, 1)
    for question in spoken:
        assert len(candidate.recordings(question)) == 1
        named = candidate.stored_record(question)
        candidate.assert_object_is(candidate.recording(question), named)
        assert answers[question]["tracks"]["audio"] == named


def test_row_39_second_click_neither_stops_nor_discards(sit_down, browser_name):
    gaps_ms = GAPS_MS if browser_name == "chromium" else ENDS_MS
    give_hastily(sit_down("hasty", is_guarded=True), gaps_ms)


@CHROMIUM
def test_row_39_second_tap_neither_stops_nor_discards(sit_down):
    candidate = sit_down("hasty", is_guarded=True, has_touch=True)
    candidate.page.set_viewport_size({"width": 390, "height": 844})
    give_hastily(candidate, ENDS_MS, by_touch=True)


@pytest.mark.parametrize("by_touch", [False, True])
@CHROMIUM
def test_row_39_second_press_does_not_skip_the_preparation(sit_down, by_touch):
    candidate = sit_down("hasty", is_guarded=True, has_touch=by_touch)
    candidate.begin()
    for gap_ms in ENDS_MS if by_touch else GAPS_MS:
        candidate.go_to("prepared")
        press_twice(candidate.question("prepared").locator("[data-action=record]"), gap_ms, by_touch=by_touch)
        expect(phase_of(candidate, "prepared")).to_have_attribute("data-phase", "preparing")
        candidate.page.wait_for_timeout(300)  # what a press had done would be seen by now
        assert candidate.watch.recordings == [], f"skipped after {gap_ms} ms"
        candidate.go_to("gap-60")


@pytest.mark.parametrize("by_touch", [False, True])
@CHROMIUM
def test_row_39_second_press_decides_nothing_about_discarding(sit_down, by_touch):
    candidate = sit_down("hasty", is_guarded=True, has_touch=by_touch)
    candidate.begin()
    candidate.record("gap-60")
    candidate.until(lambda: len(candidate.recording("gap-60").sizes) >= 4, "four chunks")
    candidate.stop("gap-60")
    candidate.wait_for_state("gap-60", "completed")
    candidate.until(lambda: "gap-60/take-1/answer.json" in candidate.objects(), "answer.json")
    before = candidate.read_json("gap-60/take-1/answer.json")
    shown, dialog = candidate.question("gap-60"), candidate.page.locator("dialog[open]")
    for gap_ms in ENDS_MS if by_touch else GAPS_MS:
        press_twice(shown.locator("[data-action=retake]"), gap_ms, by_touch=by_touch)
        expect(dialog.get_by_role("button", name="Keep my answer")).to_be_focused()
        press_twice(dialog.locator("[data-action=keep]"), gap_ms, by_touch=by_touch)
        expect(dialog).to_be_hidden()
        expect(phase_of(candidate, "gap-60")).to_have_attribute("data-phase", "taken")

        shown.locator("[data-action=retake]").click()
        press_twice(dialog.locator("[data-action=discard]"), gap_ms, by_touch=by_touch)
        expect(phase_of(candidate, "gap-60")).to_have_attribute("data-phase", "ready")
        press_twice(shown.locator("[data-action=restore]"), gap_ms, by_touch=by_touch)
        expect(phase_of(candidate, "gap-60")).to_have_attribute("data-phase", "taken")
        expect(dialog).to_be_hidden()
    assert len(candidate.recordings("gap-60")) == 1
    assert candidate.read_json("gap-60/take-1/answer.json") == before
    candidate.assert_object_is(candidate.recording("gap-60"), before["tracks"]["audio"])


def test_row_39_key_that_is_held_down_presses_once(sit_down):
    candidate = sit_down("hasty", is_guarded=True)
    candidate.begin()
    candidate.go_to("prepared")
    for phase in ("preparing", "recording"):
        button = candidate.question("prepared").locator("[data-action=record]")
        button.click(trial=True)
        button.focus()
        hold(candidate.page, "Enter")
        expect(phase_of(candidate, "prepared")).to_have_attribute("data-phase", phase)
    assert len(candidate.recordings("prepared")) == 1


def hold(page, key):
    """Hold a key down for longer than anything needs to settle."""
    for _ in range(30):
        page.keyboard.down(key)
        page.wait_for_timeout(50)
    page.keyboard.up(key)


@CHROMIUM
def test_row_39_second_click_on_next_skips_no_question(sit_down):
    candidate = sit_down("hasty", is_guarded=True)
    candidate.begin()
    questions = list(SPOKEN.values())
    for (gap_ms, question), following in zip(list(SPOKEN.items())[:-1], questions[1:], strict=True):
        press_twice(candidate.question(question).locator("[data-step=forward]"), gap_ms)
        expect(candidate.question(following)).to_be_visible()
    assert candidate.watch.recordings == []


@CHROMIUM
def test_row_39_second_tap_on_the_way_to_submit_submits_nothing(sit_down):
    candidate = sit_down("single", is_guarded=True, has_touch=True)
    candidate.page.set_viewport_size({"width": 390, "height": 844})
    candidate.begin()
    candidate.record("first")
    candidate.stop("first")
    candidate.wait_until_safe()
    press_twice(candidate.question("first").locator("[data-step=submit]"), 300, by_touch=True)
    expect(candidate.page.locator("[data-settling]")).to_have_count(0)
    assert "submission.json" not in candidate.objects()
    candidate.submit()
