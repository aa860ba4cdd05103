"""A candidate at a shared computer deletes from it what it keeps of the interview."""

from playwright.sync_api import expect

from tests.support.page_driver import BOOT_TIMEOUT_MS

_KEPT = """
async () => [
  ...(await indexedDB.databases()).map(({ name }) => name).filter((name) => /^slipstream-.*[/]/.test(name)),
  ...Object.values(sessionStorage), ...Object.values(localStorage), ...(history.state ? ["history"] : []),
]
"""


def kept(candidate):
    """Return the sessions that have a database here, and what the tab itself holds."""
    return candidate.page.evaluate(_KEPT)


def delete(candidate):
    candidate.page.locator("[data-action=ask-deletion]").click()
    dialog = candidate.page.locator(".deletion dialog")
    expect(dialog).to_be_visible()
    said = dialog.inner_text()
    dialog.locator("[data-action=delete-here]").click()
    expect(candidate.page.locator("[data-dead-end=deleted-here]")).to_be_visible()
    return said


def test_what_is_not_stored_yet_is_named_and_then_deleted_with_everything_else(sit_down, stack):
    candidate = sit_down("spoken")
    candidate.page.route(f"{stack.store_origin}/**", lambda route: None)  # nobody answers
    candidate.begin()
    candidate.record("first")
    expect(candidate.page.locator("[data-action=ask-deletion]")).to_have_attribute("aria-disabled", "true")
    candidate.until(lambda: candidate.backlog > 20_000, "something waits to be sent")
    candidate.stop("first")
    candidate.until(lambda: candidate.journal_rows()["chunks"], "the journal has it")

    said = delete(candidate)

    assert "not stored yet and would be lost" in said
    candidate.until(lambda: kept(candidate) == [], "nothing is kept")
    held = "navigator.locks.query().then(({ held }) => held.length)"
    candidate.until(lambda: candidate.page.evaluate(held) == 0, "another tab may have the session")
    candidate.page.unroute_all(behavior="ignoreErrors")
    candidate.page.reload()
    expect(candidate.page.locator("[data-dead-end=ticket-missing]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.page.goto("about:blank")
    candidate.page.goto(candidate.link)
    candidate.begin()
    expect(candidate.notice("recovering")).to_be_hidden()
    expect(candidate.question("first").locator("[data-action=record]")).to_be_visible()


def test_what_is_stored_stays_and_can_be_gone_on_with(sit_down):
    candidate = sit_down("spoken")
    candidate.begin()
    candidate.record("first")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()
    stored = candidate.objects()

    assert "stays with the people who invited you" in delete(candidate)

    assert candidate.objects() == stored
    candidate.page.goto("about:blank")
    candidate.page.goto(candidate.link)
    candidate.begin()
    expect(candidate.page.locator("nav [data-goto=first]")).to_have_attribute("data-standing", "check")


def test_dialog_is_answered_by_keyboard_and_keeping_changes_nothing(sit_down):
    candidate = sit_down("spoken")
    candidate.begin()
    link = candidate.page.locator("[data-action=ask-deletion]")
    link.focus()
    candidate.page.keyboard.press("Enter")
    expect(candidate.page.locator("[data-action=keep-here]")).to_be_focused()

    candidate.page.keyboard.press("Escape")

    expect(link).to_be_focused()
    assert kept(candidate)
