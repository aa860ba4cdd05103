"""A page that a candidate opens while a file that Python needs is held back: what can be done before Python is up."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.support.page_driver import BOOT_TIMEOUT_MS, Candidate

# Remembers whether an early page has ever stood.
WATCHED = """
new MutationObserver(() => {
  if (document.querySelector("#boot[data-state=beside]")) globalThis.wasEarly = true;
}).observe(document, { childList: true, subtree: true, attributes: true });
"""


@dataclass
class Held:
    """A file that the page waits for, until a test lets it come."""

    page: Page
    file: str = "stdlib.zip"
    asked: list[str] = field(default_factory=list)  # every request to the signer, as "GET /api/interview"
    routes: list[Route] = field(default_factory=list)
    is_held: bool = True

    def __post_init__(self) -> None:
        self.page.route(f"**/{self.file}", self._hold)
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if "/api/" in request.url:
            self.asked.append(f"{request.method} {request.url}")

    def _hold(self, route: Route) -> None:
        if self.is_held:
            self.routes.append(route)
        else:
            route.continue_()

    def release(self, let_go: Callable[[Route], None] = Route.continue_) -> None:
        self.is_held = False
        while self.routes:
            let_go(self.routes.pop())


def allow(page: Page) -> Locator:
    return page.locator("[data-action=check-devices]")


def press_early(candidate: Candidate) -> None:
    """Press "Allow" before Python is up, and see the picture."""
    allow(candidate.page).click()
    expect(allow(candidate.page)).to_have_attribute("aria-disabled", "true")
    expect(candidate.page.locator("#boot[data-state=beside]")).to_have_count(1)


def python_is_up(page: Page) -> None:
    expect(page.locator("#boot")).to_have_count(0, timeout=BOOT_TIMEOUT_MS)
    expect(page.locator(".device-check [data-part=allow]")).to_have_count(0)


def interview_calls(held: Held) -> list[str]:
    return [one for one in held.asked if one.endswith("/interview")]


def archive(main: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        files.writestr("app/main.py", main)
    return packed.getvalue()
