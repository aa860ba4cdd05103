"""<slipstream-interview> in the hands of people who build pages."""

import re

from playwright.sync_api import Locator, expect

from tests.support.company import HEARD, Company, heard
from tests.support.page_driver import BOOT_TIMEOUT_MS, Candidate
from tests.support.settings import CHROMIUM

DRESS = """(id) => {
  const element = document.getElementById(id);
  element.style.setProperty("--slipstream-accent", "oklch(0.45 0.1 150)");
  element.style.setProperty("--slipstream-radius", "0.5rem");
  element.style.setProperty("--slipstream-text", "#777");
  element.theme = "dark";
}"""

PUT_ELSEWHERE = """(id) => {
  document.body.appendChild(document.createElement("main")).append(document.getElementById(id));
}"""


def _assert_dressed(root: Locator) -> None:
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute(
        "style", re.compile(r"--slipstream-accent: #[0-9a-f]{6}; .*--slipstream-radius: 8px")
    )
    assert "--slipstream-text" not in (root.get_attribute("style") or ""), "what cannot be read is left out"


def _assert_mistakes_are_named(candidate: Candidate, company: Company, script: str, wrong: list[str]) -> None:
    tags = [f"<slipstream-interview {attributes}></slipstream-interview>" for attributes in wrong]
    candidate.page.goto(company.page("/wrong", script + "".join(tags)))
    candidate.until(lambda: len(candidate.watch.said) >= len(wrong), "each mistake is named")
    said = [re.sub(r".*?(missing|no ticket|https|no address).*", r"\1", line) for line in candidate.watch.said]
    assert said == ["missing", "no ticket", "https", "no address"]
    assert candidate.page.locator("slipstream-interview iframe").count() == 0


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
    candidate = sit_down(link="about:blank")
    candidate.watch.expect(r"<slipstream-interview>|Slipstream leaves out")
    candidate.watch.expect("preloaded using link preload")  # two frames at once make a slow machine later still
    page = candidate.page
    _assert_mistakes_are_named(candidate, company, script, wrong)

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

    page.evaluate(DRESS, "left")
    _assert_dressed(frames[0].locator(":root"))
    assert frames[1].locator(":root").get_attribute("data-theme") is None
    expect(frames[1].locator(":root")).to_have_attribute("lang", "de")
    expect(frames[0].locator(":root")).to_have_attribute("lang", "en")
    page.evaluate("document.getElementById('right').remove()")
    candidate.until(lambda: len(page.frames) == 2, "its frame goes with it")
    page.evaluate(PUT_ELSEWHERE, "left")
    candidate.until(
        lambda: len(heard(page, "ready")) == 2, "it is ready again where it was put", BOOT_TIMEOUT_MS / 1000
    )
