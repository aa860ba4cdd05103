"""Bad input 2: what an operator, or whoever writes for one, puts into an interview is shown as it stands."""

import json
import secrets

import pytest
from playwright.sync_api import expect

from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import QUICK
from tests.support.stack import running_stack

TEXTS = {
    "markup": "<img src=x onerror=alert(1)><script>alert(1)</script><b>bold</b> &amp; &lt;i&gt;",
    "braces": "{{x}} ${x} {0} {number} %s %(x)s <%= x %> {% x %}",
    "right-to-left": "من أنت؟ \u202egnorw yaw eht\u202c שלום",
    "emoji": "👩🏽‍🚀 🏳️‍🌈 e\u0301 \u200b \ufeff ﷽",
    "control": "nul \0 bell \a escape \x1b[31m vertical \v",
    "long": "A very long question. " * 4_500,  # 100 kB
}


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strange")
    questions = [
        {"id": name, "prompt": text, "hint": text, "text": {"max_characters": 50}} for name, text in TEXTS.items()
    ]
    interview = {"id": "strange", "title": TEXTS["markup"], "introduction": TEXTS["emoji"], "questions": questions}
    (folder / "strange.json").write_text(json.dumps(interview), encoding="utf-8")
    with running_stack(folder, policy=QUICK, interviews=folder) as running:
        yield running


def test_bad_input_2_texts_are_shown_literally(sit_down, strange):
    session = f"t-{secrets.token_hex(6)}"
    link = strange.ticket_link(session=session, interview="strange", name=TEXTS["markup"])
    candidate = sit_down("strange", session=session, link=link, at=strange)
    page = candidate.page
    page.locator("[data-question]:visible").wait_for(timeout=BOOT_TIMEOUT_MS)

    for name, text in TEXTS.items():
        question = candidate.question(name)
        shown = [question.locator(where).evaluate("node => node.textContent") for where in ("h2", ".hint")]
        assert shown == [text, text]
    texts = page.locator("h1, title").evaluate_all("nodes => nodes.map((node) => node.textContent)")
    assert any(TEXTS["markup"] in text for text in texts), texts
    assert page.locator("main :is(img, script, b)").count() == 0, "markup has become elements"
    for name in ("long", "right-to-left"):
        candidate.go_to(name)
        wide, window = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, "the page has to be moved sideways"
    candidate.question("right-to-left").locator("textarea").fill("\u202e<b>{{x}}</b> \U0001f44b")
    candidate.until(candidate.objects, "the text is stored")
    stored = candidate.read_json("right-to-left/take-1/answer.json")
    assert stored["text"] == "\u202e<b>{{x}}</b> \U0001f44b"
    expect(page.locator("[data-notice]:visible")).to_have_count(0)
