"""Both browsers, a running stack, and a candidate who sits down before the page."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.support.files import INTERVIEWS, script
from tests.support.settings import QUICK

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

    from tests.support.page_driver import Candidate
    from tests.support.stack import Stack

# How long an example takes says more about the machine's other work than about our code.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

# Playwright is imported where it is needed: the core's tests do without, and are quick.


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files that need a browser last: Playwright's event loop stays, and no other can run beside it on its thread.

    The workers of `make test` keep to this order and take the other files whole, and tests in a browser one by one.
    Files of few tests come first among those, since they have the longest tests: so the workers end together.
    """
    tests = Counter(item.path for item in items)
    in_browser = {item.path for item in items if "browsers" in getattr(item, "fixturenames", ())}
    for item in items:
        if item.path not in in_browser:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: (item.path in in_browser, tests[item.path], item.path))


class Browsers:
    """Open each browser at most once.

    Ours, and not pytest-playwright's: there a whole run has one list of browsers and one set of flags, and here each
    test says in which browsers it proves something, and some start a Chromium with other flags.
    """

    def __init__(self, playwright: "Playwright") -> None:
        self.playwright = playwright
        self._open: dict[str, Browser] = {}

    def get(self, name: str) -> "Browser":
        from tests.support.browsers import launch_options

        if name not in self._open:
            self._open[name] = getattr(self.playwright, name).launch(**launch_options(name))
        return self._open[name]

    def launch_chromium(self, *, without: tuple[str, ...] = (), flags: tuple[str, ...] = ()) -> "Browser":
        """Open one more Chromium, without some of our flags or Playwright's and with others; the caller closes it."""
        from tests.support.browsers import launch_options

        options = launch_options("chromium")
        options["args"] = [flag for flag in options["args"] if flag not in without] + list(flags)
        options["ignore_default_args"] = list(without)
        return self.playwright.chromium.launch(**options)

    def close(self) -> None:
        for browser in self._open.values():
            browser.close()


@pytest.fixture(scope="session")
def browsers() -> Iterator[Browsers]:
    # The sync API keeps an event loop of its own; tests/support/loop.py is for who needs another.
    from playwright.sync_api import expect, sync_playwright

    from tests.support.page_driver import TIMEOUT_MS

    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        opened = Browsers(playwright)
        yield opened
        opened.close()


@pytest.fixture(params=["chromium", "firefox"])
def browser_name(request: pytest.FixtureRequest) -> str:
    """Both, unless a test is marked CHROMIUM."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Stack]":
    from tests.support.stack import running_stack

    with running_stack(tmp_path_factory.mktemp("stack"), policy=QUICK, interviews=INTERVIEWS) as running:
        yield running
        running.stop()
        log = running.log.read_text(encoding="utf-8")
        assert "X-Amz-Signature" not in log, "the server's log holds a signature"
        assert "eyJ" not in log, "the server's log holds a ticket"


@pytest.fixture
def sit_down(browsers: Browsers, browser_name: str, stack: "Stack") -> "Iterator[Callable[..., Candidate]]":
    """Return what opens the page for a new session; unexpected errors in it fail the test at its end."""
    from tests.support.page_driver import TIMEOUT_MS, Candidate
    from tests.support.page_watch import PageWatch

    taps, settled = script("taps"), script("settled")
    seated: list[Candidate] = []

    def sit(
        interview: str = "spoken",
        *,
        policy: dict[str, Any] | None = None,
        script: str = "",
        before: str = "",
        session: str | None = None,
        link: str | None = None,
        browser: "Browser | None" = None,
        at: "Stack" = stack,
        has_touch: bool = False,
        is_guarded: bool = False,
        trusts_all: bool = False,
    ) -> "Candidate":
        """`before`, our taps and `script` run before any code of the page; `link` replaces the ticket link.

        `is_guarded`: a button that has just come takes no press for a second, as on a candidate's page.
        `trusts_all`: certificates of this run, too.
        """
        session = session or f"t-{secrets.token_hex(6)}"
        context = (browser or browsers.get(browser_name)).new_context(
            viewport={"width": 1280, "height": 1000}, has_touch=has_touch, ignore_https_errors=trusts_all
        )
        context.set_default_timeout(TIMEOUT_MS)
        watch = PageWatch(context)
        context.add_init_script(f"{before}\n{taps}\n{'' if is_guarded else settled}\n{script}")
        page = context.new_page()
        candidate = Candidate(page, watch, at, interview, session)
        seated.append(candidate)
        candidate.link = link or at.ticket_link(session=session, interview=interview, policy=policy)
        page.goto(candidate.link)
        return candidate

    yield sit
    for candidate in seated:
        candidate.page.context.close()
    for candidate in seated:
        candidate.watch.verify()
