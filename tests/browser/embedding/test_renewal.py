"""A host page that renews the ticket while its candidate speaks."""

from playwright.sync_api import expect

from tests.support.company import element, heard
from tests.support.framed import inside
from tests.support.late_ticket import open_with_late_ticket, short_life_s

GIVE = "(ticket) => { document.querySelector('slipstream-interview').ticket = ticket; }"


def test_row_25_host_that_renews_the_ticket_leaves_the_frame_and_the_recording_in_peace(
    sit_down, company, stack, browser_name
):
    session = f"t-renewed-{browser_name}"

    def mint(life_s):
        return stack.ticket(session=session, interview="spoken", life_s=life_s)

    candidate = sit_down(link="about:blank", session=session)
    candidate.watch.expect(r"status of 40[01]")  # 400: the store of a URL that ended with its ticket
    candidate.watch.expect("Blocked autofocusing")  # of a button, while the host page has the focus
    page, framed = candidate.page, inside(candidate)
    link = company.page(f"/{session}", element(stack, f'ticket="{mint(3600)}" locale="en"'))
    open_with_late_ticket(candidate, lambda: page.goto(link), lambda: page.evaluate(GIVE, mint(short_life_s())))
    framed.begin()
    framed.record("first")
    expect(framed.notice("ticket-expired")).to_be_visible()
    framed.page.evaluate("globalThis.isFirst = true")

    page.evaluate(GIVE, mint(3600))

    expect(framed.notice("ticket-expired")).to_be_hidden()
    assert framed.page.evaluate("globalThis.isFirst"), "the frame was loaded anew"
    parts = len(framed.stored_parts("first"))
    framed.until(lambda: len(framed.stored_parts("first")) > parts, "another part is stored under the new ticket")
    framed.stop("first")
    framed.wait_for_state("first", "completed")
    framed.wait_until_safe()
    [recording] = framed.recordings("first")
    record = framed.stored_record("first")
    framed.assert_object_is(recording, record)
    assert not record["interrupted"]
    assert len(heard(page, "ready")) == 1
    assert framed.open_uploads() == {}
