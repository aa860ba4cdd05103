"""Whoever is not the host that was named has no effect on an interview, by messages or by links."""

from typing import Any

from playwright.sync_api import expect

from tests.support.company import EVENTS, Company, assert_nobody_else_was_asked, element, heard, running_company
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM

CHANNEL = "0123456789abcdef" * 2
# Each without effect. {pause} is a message that would be obeyed, had it come from the right window.
ABUSE = """
async ([origin, channel]) => {
  const interview = document.getElementById("interview").contentWindow;
  const good = { slipstream: 1, channel, type: "submit" };
  const cycle = { ...good };
  cycle.self = cycle;
  const messages = [
    null, "submit", 1, [good], {}, cycle,
    { ...good, slipstream: 2 },
    { ...good, slipstream: true },
    { ...good, channel: "f".repeat(32) },
    { ...good, type: "erase" },
    { ...good, extra: 1n },
    { ...good, url: "javascript:alert(1)" },
    JSON.parse(`{"slipstream": 1, "channel": "${channel}", "type": "submit", "__proto__": {"isAdmin": true}}`),
    { ...good, type: "configure", ticket: "another.ticket.here" },
    { ...good, type: "configure", ticket: "javascript:alert(1)" },
    { ...good, type: "configure", ticket: "a".repeat(1_000_000) },
    { ...good, type: "configure", ticket: "a.b.c", theme: { accent: "url(https://elsewhere.example/)" } },
    { ...good, type: "configure", ticket: "a.b.c", signer: "https://elsewhere.example/" },
    ...Array(300).fill({ ...good, channel: "e".repeat(32) }),
  ];
  for (const message of messages) interview.postMessage(message, origin);
  return messages.length;
}
"""


def _page_with_strangers(company: Company, base_url: str) -> str:
    """Return a link to a host page with the interview, a frame that names another host, and a frame of the host's."""
    frame = f"{base_url}/?embed=1#channel={{}}&host={{}}"
    elsewhere = frame.format("d" * 32, base_url)  # an origin that may embed it, and does not
    company.page("/sibling", "")
    return company.page(
        "/abuse",
        f'<iframe id="interview" src="{frame.format(CHANNEL, company.origin)}"></iframe>'
        f'<iframe src="{elsewhere}"></iframe><iframe src="/sibling"></iframe>'
        '<script>globalThis.heard = []; addEventListener("message", (event) => '
        "heard.push({ origin: event.origin, ...event.data }));</script>",
    )


@CHROMIUM
def test_bad_input_9_strangers_junk_and_floods_have_no_effect(sit_down, company, stack):
    candidate = sit_down("written", link=_page_with_strangers(company, stack.base_url))
    page = candidate.page
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))

    def tell(**message: Any) -> None:
        whole = {"slipstream": 1, "channel": CHANNEL, **message}
        page.evaluate("([message, origin]) => frames[0].postMessage(message, origin)", [whole, stack.base_url])

    candidate.until(lambda: heard(page, "ready"), "the page is ready", BOOT_TIMEOUT_MS / 1000)
    tell(type="submit")  # too early
    tell(type="configure", ticket=stack.ticket(session=candidate.session, interview="written"))
    inner = page.frame_locator("#interview")
    inner.locator("textarea").press_sequentially("Nobody speaks for me.")
    candidate.until(candidate.objects, "the text is stored")
    expect(inner.locator("body")).to_have_attribute("data-safe", "true")
    before = heard(page, *(set(EVENTS) - {"resize"}))

    sibling = next(frame for frame in page.frames if frame.url.endswith("/sibling"))
    order = {"slipstream": 1, "channel": CHANNEL, "type": "submit"}
    sibling.evaluate("([order, to]) => parent.frames[0].postMessage(order, to)", [order, stack.base_url])
    dropped = 2 + page.evaluate(ABUSE, [stack.base_url, CHANNEL])
    expect(inner.locator("body")).to_have_attribute("data-dropped", str(dropped))

    assert heard(page, *(set(EVENTS) - {"resize"})) == before, "something was answered"
    assert {message["origin"] for message in heard(page)} == {stack.base_url}
    assert {message["channel"] for message in heard(page)} == {CHANNEL}, "another host's frame spoke to us"
    assert "submission.json" not in candidate.objects()

    def submitted() -> list[dict[str, Any]]:
        tell(type="submit")
        return heard(page, "submitted")

    candidate.until(submitted, "the host is heard again")
    assert candidate.read_json("submission.json")["answers"][0]["text"] == "Nobody speaks for me."
    assert_nobody_else_was_asked(asked, {company.origin, stack.base_url, stack.store_origin})


@CHROMIUM
def test_bad_input_3_site_that_is_not_named_cannot_embed_the_page(sit_down, stack):
    candidate = sit_down(link="about:blank")
    candidate.watch.expect("frame-ancestors")
    with running_company() as other:
        candidate.page.goto(other.page("/", element(stack, f'ticket="{stack.ticket(interview="written")}"')))
        candidate.until(lambda: "frame-ancestors" in " ".join(candidate.watch.said), "the browser refuses")
        assert heard(candidate.page) == []

        candidate.page.goto(f"{stack.base_url}/?embed=1#channel={CHANNEL}&host={other.origin}")
        expect(candidate.page.locator("[data-dead-end=host-refused]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
