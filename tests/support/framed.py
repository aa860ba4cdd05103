"""A candidate whose interview is in a frame of a company's page."""

from typing import Any

from playwright.sync_api import Locator, Page

from tests.support.page_driver import Candidate

# As a mouse would find it: what has just come takes no press yet (app/page/kit/click_guard.py).
_PRESS = """
async (button) => {
  while (button.closest("[data-settling]")) await new Promise((resolve) => { setTimeout(resolve, 50); });
  button.click();
}
"""


class Pressed(Locator):
    """Click by script. A mouse that WebDriver moves does not reach into Firefox's frames of other sites."""

    def click(self, **given: Any) -> None:
        self.wait_for(timeout=given.get("timeout"))
        self.evaluate(_PRESS)

    def locator(self, *given: Any, **named: Any) -> Locator:
        return Pressed(super().locator(*given, **named)._impl_obj)


class Framed:
    """The interview's frame, as far as a Candidate uses a page: found anew after each reload of what is around it."""

    def __init__(self, page: Page, origin: str) -> None:
        self._page = page
        self._origin = origin
        browser = page.context.browser
        self._has_mouse = browser is not None and browser.browser_type.name == "chromium"

    def locator(self, selector: str) -> Locator:
        found = self._page.frame_locator("slipstream-interview iframe").locator(selector)
        return found if self._has_mouse else Pressed(found._impl_obj)

    def evaluate(self, script: str, argument: Any = None) -> Any:
        [frame] = [frame for frame in self._page.frames if frame.url.startswith(f"{self._origin}/?embed=1")]
        return frame.evaluate(script, argument)

    def wait_for_timeout(self, timeout: float) -> None:
        self._page.wait_for_timeout(timeout)


def inside(candidate: Candidate) -> Candidate:
    framed: Any = Framed(candidate.page, candidate.stack.base_url)
    interview = candidate.prefix.split("/")[0]
    return Candidate(framed, candidate.watch, candidate.stack, interview, candidate.session)
