"""A press counts where it began: nothing moves away under it, whatever the page has to show meanwhile."""

from playwright.sync_api import expect

HELD_MS = 400  # as slow fingers press; what the page has to show would be seen by then


def test_press_counts_although_a_notice_comes_while_the_button_is_down(sit_down):
    candidate = sit_down()
    candidate.begin()
    page, record = candidate.page, candidate.question("first").locator("[data-action=record]")
    record.click(trial=True)
    box = record.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.context.set_offline(True)  # its notice stands above the button
    page.wait_for_timeout(HELD_MS)
    held = record.bounding_box()
    page.mouse.up()

    expect(candidate.question("first").locator("[data-action=stop]")).to_be_visible()
    expect(candidate.notice("offline")).to_be_visible()
    assert held == box
    page.context.set_offline(False)


def test_button_that_is_held_for_long_does_not_stop_the_page(sit_down):
    candidate = sit_down()
    candidate.begin()
    page, record = candidate.page, candidate.question("first").locator("[data-action=record]")
    record.hover()
    page.mouse.down()
    page.context.set_offline(True)
    expect(candidate.notice("offline")).to_be_visible()
    page.mouse.up()
    page.context.set_offline(False)
