"""What is asked of the page in every state: nothing that axe finds, nothing cut off at 320 px, the focus somewhere."""

from typing import Any

from playwright.sync_api import Page

from tests.support.browsers import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"
NARROW = (320, 700)
_ALL = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_OF_LOOKS = ("color-contrast", "target-size", "scrollable-region-focusable")  # what size and colours can change
_RUN = """
async (runOnly) => {
  const found = await axe.run(document, { resultTypes: ["violations"], runOnly });
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}\n  ${target}\n  ${failureSummary}`));
}
"""
_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_BARS_WITHOUT_WORDS = """
() => [...document.querySelectorAll("[data-track] progress, progress[data-total]")]
  .filter((bar) => bar.getClientRects().length && !/stored/.test(bar.getAttribute("aria-valuetext")))
  .map((bar) => bar.outerHTML)
"""
_FOCUS = "() => document.activeElement === document.body || !document.activeElement.getClientRects().length"


def look_closely(page: Page, state: str) -> list[str]:
    """Return what is wrong: wide and light, then as narrow as a page may get, and dark."""
    wrong = [f"{state}, wide: {finding}" for finding in axe(page)]
    if _is_focus_lost(page):
        wrong.append(f"{state}: the focus is nowhere")
    wrong += [f"{state}: a bar without words: {bar}" for bar in page.evaluate(_BARS_WITHOUT_WORDS)]
    was: Any = page.viewport_size
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    wrong += [f"{state}, narrow and dark: {finding}" for finding in axe(page, _OF_LOOKS)]
    if (over := page.evaluate(_SIDEWAYS)) > 0:
        wrong.append(f"{state}: {over} px stand out sideways at {NARROW[0]} px")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(was)
    return wrong


def axe(page: Page, rules: tuple[str, ...] = _ALL) -> list[str]:
    """Return what axe, which the page has loaded, finds against these rules."""
    found: list[str] = page.evaluate(_RUN, list(rules))
    return found


def _is_focus_lost(page: Page) -> bool:
    return bool(page.evaluate(_FOCUS))
