"""<slipstream-interview> in the hands of people who build pages."""

import re

from playwright.sync_api import expect

from tests.support.company import HEARD, heard
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM


@CHROMIUM
def test_element_can_be_used_wrongly_moved_and_removed(sit_down, company, stack):
    ticket = stack.ticket(interview="written")
    script = f'<script type="module" src="{stack.base_url}/static/slipstream.js"></script>'
    wrong = [
        'ticket=""',
        'ticket="a link"',
        f'src="javascript:alert(1)" ticket="{ticket}"',
        'src="http://[" ticket="a"',
    ]
    tags = [f"<slipstream-interview {attributes}></slipstream-interview>" for attributes in wrong]
    candidate = sit_down(link="about:blank")
    candidate.watch.expect(r"<slipstream-interview>|Slipstream leaves out")
    candidate.watch.expect("preloaded using link preload")  # two frames at once make a slow machine later still
    page = candidate.page
    page.goto(company.page("/wrong", script + "".join(tags)))
    candidate.until(lambda: len(candidate.watch.said) >= len(wrong), "each mistake is named")
    said = [re.sub(r".*?(missing|no ticket|https|no address).*", r"\1", line) for line in candidate.watch.said]
    assert said == ["missing", "no ticket", "https", "no address"]
    assert page.locator("slipstream-interview iframe").count() == 0

    two = [f'<slipstream-interview id="{id_}"></slipstream-interview>' for id_ in ("left", "right")]
    page.goto(company.page("/two", f"{script}{''.join(two)}{HEARD}"))
    page.evaluate("document.getElementById('right').locale = 'de'")
    for id_ in ("left", "right"):  # a ticket may come later
        page.evaluate(
            "([id, ticket]) => { document.getElementById(id).ticket = ticket; }",
            [id_, stack.ticket(interview="written")],
        )
    frames = [page.frame_locator(f"#{id_} iframe") for id_ in ("left", "right")]
    for frame in frames:
        expect(frame.locator("textarea")).to_be_visible(timeout=BOOT_TIMEOUT_MS)

    page.evaluate("""() => {
      const left = document.getElementById("left");
      left.style.setProperty("--slipstream-accent", "oklch(0.45 0.1 150)");
      left.style.setProperty("--slipstream-radius", "0.5rem");
      left.style.setProperty("--slipstream-text", "#777");
      left.theme = "dark";
    }""")
    root = frames[0].locator(":root")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute(
        "style", re.compile(r"--slipstream-accent: #[0-9a-f]{6}; .*--slipstream-radius: 8px")
    )
    assert "--slipstream-text" not in (root.get_attribute("style") or ""), "what cannot be read is left out"
    assert frames[1].locator(":root").get_attribute("data-theme") is None
    expect(frames[1].locator(":root")).to_have_attribute("lang", "de")
    expect(frames[0].locator(":root")).to_have_attribute("lang", "en")
    page.evaluate("document.getElementById('right').remove()")
    candidate.until(lambda: len(page.frames) == 2, "its frame goes with it")
    page.evaluate("""() => {
      const place = document.body.appendChild(document.createElement("main"));
      place.append(document.getElementById("left"));
    }""")
    candidate.until(
        lambda: len(heard(page, "ready")) == 2, "it is ready again where it was put", BOOT_TIMEOUT_MS / 1000
    )
