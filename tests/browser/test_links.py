"""Links as they come out of mail programs, and links that are opened in a tab that has one open."""

import pytest
from playwright.sync_api import expect

from tests.support.late_ticket import open_link_late
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM

CHANGED = {
    "encoded mark": "/%23ticket={}.",
    "encoded mark, tracked": "/%2523ticket%253D{}?utm_source=mail",
    "full stop and tracking": "/#ticket={}.?utm_source=mail",
    "zero-width space": "/#ticket={}%E2%80%8B)",
    "query": "/?lang=de&ticket={}&utm_source=mail",
}


@CHROMIUM
@pytest.mark.parametrize("kind", CHANGED)
def test_row_33_link_that_a_mail_program_changed_opens_and_the_address_is_mended(sit_down, stack, kind):
    ticket = stack.ticket(interview="written")
    candidate = sit_down(link=stack.base_url + CHANGED[kind].format(ticket))

    expect(candidate.page.locator("[data-question=words] textarea")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    lang = "?lang=de" if kind == "query" else ""
    assert candidate.page.url == f"{stack.base_url}/{lang}"
    candidate.page.reload()
    expect(candidate.page.locator("[data-question=words] textarea")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    log = stack.log.read_text(encoding="utf-8")
    assert not [part for part in ticket.split(".") if part in log]


@CHROMIUM
def test_row_33_link_of_another_session_opened_in_the_same_tab_is_opened(sit_down, stack):
    candidate = sit_down(link=stack.base_url + "/")
    expect(candidate.page.locator("[data-dead-end=ticket-missing]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)

    candidate.page.goto(stack.ticket_link(interview="written", session=f"{candidate.session}-1"))
    words = candidate.page.locator("[data-question=words] textarea")
    expect(words).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.page.evaluate("globalThis.isFirst = true")
    candidate.page.goto(stack.ticket_link(interview="written", session=f"{candidate.session}-2"))

    candidate.page.wait_for_function("!globalThis.isFirst")
    expect(words).to_be_visible(timeout=BOOT_TIMEOUT_MS)


def test_row_25_newer_link_of_the_same_session_in_the_same_tab_goes_on_with_the_recording(sit_down, stack):
    candidate = sit_down(link="about:blank")
    open_link_late(candidate, "spoken")
    candidate.watch.expect(r"status of 40[01]")  # 400: the store of a URL that ended with its ticket
    candidate.begin()
    candidate.record("first")
    expect(candidate.notice("ticket-expired")).to_be_visible()

    candidate.page.goto(stack.ticket_link(session=candidate.session, interview="spoken"))

    expect(candidate.notice("ticket-expired")).to_be_hidden()
    expect(candidate.question("first").locator("[data-phase]")).to_have_attribute("data-phase", "recording")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)


@CHROMIUM
def test_back_from_another_interview_in_the_same_tab_leads_to_the_first_one(sit_down, stack):
    candidate = sit_down("written")
    words = candidate.page.locator("[data-question=words] textarea")
    expect(words).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.page.goto("about:blank")
    candidate.page.goto(stack.ticket_link(interview="spoken", session=f"{candidate.session}-2"))
    expect(candidate.page.locator("[data-device-check]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)

    candidate.page.go_back()
    candidate.page.go_back()

    expect(words).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.page.reload()
    expect(words).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert "ticket" not in candidate.page.url


def test_older_link_of_the_session_pasted_into_its_tab_changes_nothing(sit_down, stack):
    session = "older-" + stack.secret[:6].replace("_", "x").replace("-", "x")
    older = stack.ticket_link(interview="written", session=session, life_s=600)
    candidate = sit_down(link=stack.ticket_link(interview="written", session=session, life_s=3600))
    words = candidate.page.locator("[data-question=words] textarea")
    expect(words).to_be_visible(timeout=BOOT_TIMEOUT_MS)

    candidate.page.goto(older)
    candidate.until(lambda: "ticket" not in candidate.page.url, "the link leaves the address bar")
    candidate.page.reload()

    expect(words).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    kept = candidate.page.evaluate("JSON.parse(atob(history.state.ticket.split('.')[1])).exp")
    assert kept - candidate.page.evaluate("Date.now() / 1000") > 1800, "the newer ticket is still the one"
