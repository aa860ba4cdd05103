"""Links that lead nowhere, recorders without a format: each has its sentence."""

import pytest
from playwright.sync_api import expect

from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM


def forged(stack):
    head, claims, signature = stack.ticket().split(".")
    return f"#ticket={head}.{claims}.{signature[::-1]}"


LINKS = {
    "forged": (forged, "ticket-refused"),
    "expired": (lambda stack: f"#ticket={stack.ticket(interview='spoken', life_s=-60)}", "ticket-refused"),
    "unknown-interview": (lambda stack: f"#ticket={stack.ticket(interview='nowhere')}", None),
    "missing": (lambda _: "", "ticket-missing"),
    "junk-fragment": (lambda _: "#<script>alert(1)</script>&&=%00%ff", "ticket-missing"),
    "malformed": (lambda _: "#ticket=not-a-ticket", "link-invalid"),
    "twice": (lambda stack: f"#ticket={stack.ticket()}&ticket={stack.ticket()}", "link-invalid"),
    "endless": (lambda _: "#ticket=" + "a" * 65_536, "link-invalid"),
}


@CHROMIUM
@pytest.mark.parametrize("kind", LINKS)
def test_bad_input_3_bad_link_is_a_readable_dead_end_with_nothing_half_started(sit_down, stack, kind):
    make, topic = LINKS[kind]
    before = stack.objects()
    candidate = sit_down(link=f"{stack.base_url}/{make(stack)}")
    candidate.watch.expect(r"status of 40[134]")

    expect(candidate.page.locator("[data-dead-end]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    if topic is not None:
        expect(candidate.page.locator(f"[data-dead-end={topic}]")).to_be_visible()
    assert candidate.page.locator("[data-dead-end] h2").inner_text()
    assert candidate.page.locator("[data-question], [data-action=check-devices]").count() == 0
    assert candidate.watch.device_requests == 0
    assert candidate.watch.puts == []
    assert stack.objects() == before
    databases = candidate.page.evaluate("async () => (await indexedDB.databases()).map((database) => database.name)")
    assert not [name for name in databases if name.startswith("slipstream-") and "/" in name]


@CHROMIUM
def test_bad_input_3_junk_in_the_query_changes_nothing(sit_down, stack):
    junk = "?signer=https://elsewhere.example/&api=javascript:alert(1)&signer=javascript:alert(1)&signer=x&ticket=x&"
    junk += "a" * 64_000
    link = stack.ticket_link(interview="spoken").replace("#", f"{junk}#", 1)
    asked = []
    candidate = sit_down(link="about:blank")
    candidate.page.on("request", lambda request: asked.append(request.url))
    candidate.page.goto(link)
    candidate.begin()
    assert all(url.startswith((stack.base_url, "blob:")) for url in asked)


def test_bad_input_1_submitted_interview_says_so_when_it_is_opened_again(sit_down, stack):
    candidate = sit_down("written")
    candidate.page.locator("[data-question=words] textarea").wait_for(timeout=BOOT_TIMEOUT_MS)
    candidate.question("words").locator("textarea").press_sequentially("All I have to say.")
    candidate.until(candidate.objects, "the text is stored")
    candidate.submit()
    stored = candidate.objects()
    candidate.watch.expect(r"status of 403")

    candidate.page.reload()

    expect(candidate.page.locator("[data-dead-end=already-submitted]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert candidate.objects() == stored
    assert candidate.watch.device_requests == 0


@CHROMIUM
def test_recorder_without_a_format_of_ours_is_explained_and_uses_no_take(sit_down):
    candidate = sit_down(script="MediaRecorder.isTypeSupported = () => false;")
    candidate.begin()
    candidate.press("first", "record")
    expect(candidate.notice("cannot-record")).to_be_visible()
    expect(candidate.question("first").locator("[data-phase]")).to_have_attribute("data-phase", "ready")
    assert candidate.objects() == {}
    assert candidate.open_uploads() == {}
