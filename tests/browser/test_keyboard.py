"""The main path by keyboard alone."""

from playwright.sync_api import expect

from tests.support.page_driver import BOOT_TIMEOUT_MS, WELCOME

MOST_TABS = 40


def tab_to(candidate, selector):
    """Press Tab until what `selector` names has the focus, as somebody without a mouse would."""
    for _ in range(MOST_TABS):
        if candidate.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        candidate.page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_TABS} tabs do not lead to {selector}")


def settle(candidate):
    """Wait as long as the page takes no press, as for what is meant one does."""
    expect(candidate.page.locator("[data-settling]")).to_have_count(0)


def test_an_interview_can_be_given_by_keyboard_alone(sit_down):
    candidate = sit_down(is_guarded=True)
    keyboard, page = candidate.page.keyboard, candidate.page
    page.locator(WELCOME).wait_for(timeout=BOOT_TIMEOUT_MS)
    tab_to(candidate, "[data-action=check-devices]")
    keyboard.press("Enter")
    expect(page.locator("[data-action=begin]")).to_be_focused()
    settle(candidate)
    keyboard.press("Enter")
    for question in ("first", "second"):
        expect(candidate.question(question).locator("h2")).to_be_focused()
        tab_to(candidate, f"[data-question={question}] [data-action=record]")
        settle(candidate)
        keyboard.press("Space")
        expect(candidate.question(question).locator("[data-action=stop]")).to_be_focused()
        candidate.until(lambda q=question: len(candidate.recording(q).sizes) >= 3, "three chunks")
        settle(candidate)
        keyboard.press("Space")
        expect(candidate.question(question).locator("[data-phase]")).to_have_attribute("data-phase", "taken")
        keyboard.press("Space")  # pressed once too often: it must not discard the take
        tab_to(candidate, f"[data-question={question}] [data-step=forward]")
        settle(candidate)
        keyboard.press("Enter")
    expect(candidate.question("words").locator("h2")).to_be_focused()
    tab_to(candidate, "[data-question=words] textarea")
    keyboard.type("Typed.")
    tab_to(candidate, "[data-step=submit]")
    settle(candidate)
    keyboard.press("Enter")
    expect(page.locator("[data-action=submit]")).to_be_focused()
    expect(page.locator("[data-action=submit]:not([aria-disabled])")).to_be_visible()
    settle(candidate)
    keyboard.press("Enter")

    expect(page.locator("[data-receipt] h2")).to_be_focused()
    answers = {answer["question"]: answer for answer in candidate.read_json("submission.json")["answers"]}
    assert {question: answer["take"] for question, answer in answers.items()} == {"first": 1, "second": 1, "words": 1}
    assert answers["words"]["text"] == "Typed."
