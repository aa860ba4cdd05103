"""A whole interview inside a company's page, of another site, with storage kept apart as browsers do."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.company import assert_nobody_else_was_asked, element, heard
from tests.support.framed import inside
from tests.support.page_driver import BOOT_TIMEOUT_MS, Candidate
from tests.support.settings import PART_BYTES


@pytest.fixture
def browser(browsers, browser_name):
    """As people have it: with the storage of third parties kept apart, which Playwright's Chromium does not do."""
    if browser_name == "firefox":
        yield None
        return
    # The last such flag counts. Playwright's own names ThirdPartyStoragePartitioning, too.
    partitioning = browsers.launch_chromium(flags=("--disable-features=DestroyProfileOnBrowserClose,PaintHolding",))
    yield partitioning
    partitioning.close()


def record_three_chunks(candidate: Candidate, question: str) -> None:
    candidate.record(question)
    candidate.until(lambda: len(candidate.recording(question).sizes) >= 3, "three chunks")
    candidate.stop(question)


def assert_frame_is_as_high_as_its_page(framed: Candidate, page: Page) -> None:
    box = page.locator("slipstream-interview iframe").bounding_box()
    assert box is not None
    assert abs(box["height"] - framed.page.evaluate("document.body.getBoundingClientRect().height")) <= 1


def test_whole_interview_in_a_frame_of_another_site_with_a_reload_of_the_host(sit_down, company, stack, browser):
    session = "t-framed-" + ("chromium" if browser else "firefox")
    ticket = stack.ticket(session=session, interview="spoken")
    link = company.page(f"/{session}", element(stack, f'ticket="{ticket}" theme="dark" locale="en"'))
    candidate = sit_down(link="about:blank", session=session, browser=browser, is_guarded=True)
    page, framed = candidate.page, inside(candidate)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(link)

    framed.begin()
    framed.record("first")
    framed.until(lambda: len(framed.stored_parts("first")) >= 2, "two parts are stored")
    page.evaluate("document.querySelector('slipstream-interview').pause()")
    expect(framed.page.locator("[data-action=resume]")).to_be_visible()
    framed.until(lambda: framed.backlog > 2 * PART_BYTES, "two parts wait in the journal")
    [(key, upload)] = framed.open_uploads().items()
    interrupted = framed.recording("first")
    assert_frame_is_as_high_as_its_page(framed, page)
    first_visit = heard(page)
    assert_storage_is_partitioned(framed, page)

    page.reload()
    expect(framed.notice("recovering")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    framed.begin()
    framed.wait_for_state("first", "completed")
    record_three_chunks(framed, "second")
    framed.wait_until_safe()
    page.evaluate("document.querySelector('slipstream-interview').submit()")
    expect(framed.page.locator("[data-receipt]")).to_be_visible()

    answers = {answer["question"]: answer for answer in framed.read_json("submission.json")["answers"]}
    assert answers["first"]["tracks"]["audio"]["key"] == key
    framed.assert_chunks_are(interrupted, stack.read(key))
    assert {put.upload for put in framed.watch.parts("first")} == {upload}, "another upload was begun"
    framed.assert_object_is(framed.recording("second"), answers["second"]["tracks"]["audio"])
    assert framed.open_uploads() == {}
    told = framed.until(lambda: heard(page, "efficiency") and heard(page), "the end is told")
    assert_host_was_told(first_visit, told)
    assert_nobody_else_was_asked(asked, {company.origin, stack.base_url, stack.store_origin})


def assert_storage_is_partitioned(framed: Candidate, page: Page) -> None:
    names = "async () => (await indexedDB.databases()).map(({ name }) => name)"
    assert f"slipstream-{framed.sitting}" in framed.page.evaluate(names)
    alone = page.context.new_page()
    alone.goto(f"{framed.stack.base_url}/static/host.html")
    assert f"slipstream-{framed.sitting}" not in alone.evaluate(names), "not partitioned: this test proves too little"
    alone.close()


def assert_host_was_told(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    types = [message["type"] for message in first]
    assert types[0] in ("ready", "resize")
    assert {"ready", "recording-started", "part-uploaded", "upload-progress", "safe-to-close", "resize"} <= set(types)
    started = [message for message in first + second if message["type"] == "recording-started"]
    assert [(message["question"], message["track"]) for message in started] == [("first", "audio"), ("second", "audio")]
    completed = [message["question"] for message in second if message["type"] == "answer-completed"]
    assert completed == ["first", "second"]
    assert [message["answers"] for message in second if message["type"] == "submitted"] == [2]
    everything = json.dumps(first + second)
    assert not re.search(r"https?:|eyJ|X-Amz|[0-9a-f]{32}", everything), "a URL, a ticket or a digest was told"
