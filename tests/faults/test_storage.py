"""Rows 16 and 17: the disk gets full, or the window has no storage at all."""

import pytest
from playwright.sync_api import expect

from tests.support.faults.speaking import arrive, finish, has_parts, speak, speak_on
from tests.support.files import script
from tests.support.page_driver import BOOT_TIMEOUT_MS

WRITES = script("writes")
NO_STORAGE = """
const refuse = () => new DOMException("The operation is insecure.", "SecurityError");
Object.defineProperty(globalThis, "indexedDB", { configurable: true, value: { open() { throw refuse(); } } });
if (globalThis.LockManager) LockManager.prototype.request = () => Promise.reject(refuse());
"""
ROOM_BYTES = 100_000  # what the quota leaves
BOTH_BROWSERS = pytest.mark.parametrize("browser_name", ["chromium", "firefox"], indirect=True)

_ROWS_WITHOUT_MEDIA = """
async (sitting) => {
  const open = indexedDB.open(`slipstream-${sitting}`);
  const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const request = database.transaction("chunks").objectStore("chunks").getAll();
  const rows = await new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  database.close();
  return rows.filter((row) => row.media == null).length;
}
"""


def rows_let_go(candidate):
    return candidate.page.evaluate(_ROWS_WITHOUT_MEDIA, candidate.sitting)


def refuse_writes(candidate, *, once):
    """Have the journal's next chunk refused, or every one from it on."""
    candidate.page.evaluate(
        "(last) => { slipstreamWrites.from = slipstreamWrites.chunks + 1; "
        "slipstreamWrites.to = last ? slipstreamWrites.from : Infinity; }",
        once,
    )


def refused(candidate):
    return candidate.page.evaluate("slipstreamWrites.refused")


def test_row_16_nth_journal_write_fails_once_then_for_ever(sit_down_with_faults, faults):
    candidate = sit_down_with_faults(before=WRITES)
    speak(candidate, lambda: has_parts(candidate, 2), "two parts are stored")

    refuse_writes(candidate, once=True)
    speak_on(candidate, lambda: refused(candidate), "a write is refused")
    candidate.until(lambda: rows_let_go(candidate), "acknowledged rows are let go")
    expect(candidate.notice("journal-full")).to_be_hidden()

    refuse_writes(candidate, once=False)
    expect(candidate.notice("journal-full")).to_be_visible()
    parts = len(candidate.stored_parts("first"))
    candidate.until(lambda: has_parts(candidate, parts + 3), "three more parts are stored from memory")
    assert refused(candidate) > 3
    finish(candidate, faults)
    expect(candidate.notice("journal-full")).to_be_hidden()


def test_row_16_quota_reached_goes_on_from_memory(sit_down_with_faults, faults, stack):
    candidate = sit_down_with_faults()
    speak(candidate, lambda: has_parts(candidate, 1), "a part is stored")
    faults.store.down()  # nothing is acknowledged any more: only memory is left
    used = candidate.page.evaluate("async () => (await navigator.storage.estimate()).usage")
    devtools = candidate.page.context.new_cdp_session(candidate.page)
    quota = {"origin": stack.base_url}
    devtools.send("Storage.overrideQuotaForOrigin", quota | {"quotaSize": used + ROOM_BYTES})

    expect(candidate.notice("journal-full")).to_be_visible()
    emitted = candidate.recording("first").size
    candidate.until(lambda: candidate.recording("first").size > emitted + 2 * ROOM_BYTES, "recording goes on")
    expect(candidate.notice("journal-full")).to_be_visible()  # nothing that memory holds has been let go
    faults.store.up()
    finish(candidate, faults)
    devtools.send("Storage.overrideQuotaForOrigin", quota)


@BOTH_BROWSERS
def test_row_17_no_indexeddb_warns_and_works_from_memory(sit_down_with_faults, faults):
    candidate = sit_down_with_faults(before=NO_STORAGE)
    expect(candidate.notice("no-backup")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: has_parts(candidate, 2), "two parts are stored")
    candidate.stop("first")
    arrive(candidate, faults)


def test_row_17_sandboxed_frame_says_what_to_do(sit_down_with_faults, stack):
    candidate = sit_down_with_faults(link="about:blank")
    candidate.watch.expect(r"blocked by CORS|ERR_FAILED")
    page, link = candidate.page, stack.ticket_link(interview="spoken")
    host = f'<iframe sandbox="allow-scripts" allow="camera; microphone" src="{link}" width="800" height="600"></iframe>'
    page.route(f"{stack.base_url}/host", lambda route: route.fulfill(content_type="text/html", body=host))
    page.route(f"{stack.base_url}/?*", _let_it_be_framed)
    page.route(f"{stack.base_url}/", _let_it_be_framed)

    page.goto(f"{stack.base_url}/host")

    expect(page.frame_locator("iframe").get_by_text("open the link in a current version")).to_be_visible()


def _let_it_be_framed(route):
    reply = route.fetch()
    policy = reply.headers["content-security-policy"].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    route.fulfill(response=reply, headers=reply.headers | {"content-security-policy": policy})
