"""The page from its first paint to its first question, and what a candidate reads where it cannot get there."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Browsers
from tests.support.browsers import CHROMIUM_BASELINE, NAMES, ROOT
from tests.support.stack import Stack, running_stack

STARTS_WITHIN_MS = 90_000  # a slow machine under load; alone it is about a second
PROFILED_STARTS = 6  # without our mend four of seven crash: all live by luck in one of 160 runs
# Chromium samples its own memory in a few of its users' browsers, and then walks up the stacks; here it always does.
PROFILED = (
    "--enable-features=HeapProfilerReporting:nonstable-probability/1/stable-probability/1/sampling-rate/20000"
    "/renderer-prob-pct/100/renderer-sampling-rate-multiplier/1"
)

NO_JOURNAL = """
Object.defineProperty(globalThis, "indexedDB", {
  configurable: true,
  value: {open() { throw new DOMException("The operation is insecure.", "SecurityError"); }},
});
"""
CHROMIUM_ALONE = pytest.mark.parametrize("browser", ["chromium"], indirect=True)  # the page's own code decides

HANGING_JOURNAL = 'Object.defineProperty(globalThis, "indexedDB", {configurable: true, value: {open: () => ({})}});'


@dataclass
class Visit:
    page: Page
    complaints: list[str] = field(default_factory=list)  # console errors, CSP reports, uncaught errors

    def listen(self) -> None:
        self.page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("boot")) as stack:
        yield stack


@pytest.fixture(scope="module", params=NAMES)
def browser(request: pytest.FixtureRequest, browsers: Browsers) -> Browser:
    return browsers.get(request.param)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def visit() -> Visit:
        contexts.append(browser.new_context())
        visit = Visit(contexts[-1].new_page())
        visit.listen()
        return visit

    yield visit
    for context in contexts:
        context.close()


def is_up(page: Page) -> None:
    expect(page.locator("#boot")).to_have_count(0, timeout=STARTS_WITHIN_MS)
    expect(page.get_by_role("heading", name="A first conversation")).to_be_visible(timeout=STARTS_WITHIN_MS)


def failed(page: Page, sentence: str) -> None:
    expect(page.locator("#boot[data-state=failed]")).to_be_visible(timeout=STARTS_WITHIN_MS)
    expect(page.get_by_role("status").first).to_contain_text(sentence)
    expect(page.get_by_role("button", name="Reload")).to_be_visible()


def test_page_starts_without_a_complaint_of_the_browser(visit, stack):
    here = visit()

    here.page.goto(stack.ticket_link())

    is_up(here.page)
    assert here.complaints == []
    assert here.page.evaluate("slipstreamBoot.idbWorks") is True


def test_row_38_page_starts_while_the_browser_profiles_its_memory(browsers, stack):
    # With its baseline compiler alone it was never seen to crash.
    browser = browsers.launch_chromium(without=(CHROMIUM_BASELINE,), flags=(PROFILED,))
    try:
        for _ in range(PROFILED_STARTS):
            page = browser.new_page()
            page.goto(stack.ticket_link())
            is_up(page)  # a page that has crashed says so at once
            page.close()
    finally:
        browser.close()


def test_every_icon_is_there_before_the_network_may_go(visit, stack):
    here = visit()
    here.page.goto(stack.ticket_link())
    is_up(here.page)
    fetched = here.page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    icons = {f"/static/icons/{file.name}" for file in (ROOT / "static/icons").glob("*.svg")}
    assert icons - {"/static/icons/slipstream.svg"} <= {
        name[name.index("/static/") :] for name in fetched if "/static/" in name
    }


@CHROMIUM_ALONE
def test_second_visit_asks_for_none_of_the_page_s_files(visit, stack):
    here = visit()
    here.page.goto(stack.ticket_link())
    is_up(here.page)
    link = stack.ticket_link()  # another session: nothing but the browser's cache is the same
    here.page.goto("about:blank")

    here.page.goto(link)

    is_up(here.page)
    asked = here.page.evaluate(
        """performance.getEntriesByType('resource')
            .filter(({ name, transferSize }) => name.includes('/static/') && transferSize > 0)
            .map(({ name }) => name)"""
    )
    assert asked == []


@pytest.mark.parametrize("storage", [NO_JOURNAL, HANGING_JOURNAL], ids=["blocked", "hanging"])
def test_page_starts_where_storage_is(visit, stack, storage):
    here = visit()
    here.page.add_init_script(storage)

    here.page.goto(stack.ticket_link())

    is_up(here.page)
    assert here.page.evaluate("slipstreamBoot.idbWorks") is False


@CHROMIUM_ALONE
@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("delete globalThis.WebAssembly", "WebAssembly"),
        ("delete globalThis.MediaRecorder", "cannot record"),
        ("delete MediaDevices.prototype.getUserMedia", "camera"),
        ("Object.defineProperty(globalThis, 'isSecureContext', {value: false})", "secure address"),
    ],
)
def test_row_22_browser_that_cannot_is_told_what_to_do(visit, stack, missing, sentence):
    here = visit()
    here.page.add_init_script(missing)

    here.page.goto(stack.ticket_link())

    failed(here.page, sentence)


# In both browsers one of each way to bring a file: modules at once and later, WebAssembly, an archive.
@pytest.mark.parametrize(
    ("file", "how", "browser"),
    [
        (file, how, browser)
        for file, how, browsers in (
            ("pyscript.json", "is missing", ("chromium",)),
            ("core.js", "is missing", NAMES),
            ("core.js", "is cut off", ("chromium",)),
            ("interpreter.mjs", "is missing", ("chromium",)),
            ("pyodide.mjs", "is missing", ("chromium",)),
            ("pyodide.asm.mjs", "is cut off", NAMES),
            ("pyodide.asm.wasm", "is missing", ("chromium",)),
            ("pyodide.asm.wasm", "is cut off", NAMES),
            ("site.zip", "is missing", ("chromium",)),
            ("pydantic_core.wasm", "is missing", ("chromium",)),
            ("pydantic_core.wasm", "is cut off", NAMES),
            ("app.zip", "is cut off", NAMES),
        )
        for browser in browsers
    ],
    indirect=["browser"],
)
def test_row_22_page_says_so_when_a_file(visit, stack, file, how):
    here = visit()
    fired = []

    def fault(route):
        fired.append(route.request.url)
        route.abort() if how == "is cut off" else route.fulfill(status=404)

    here.page.route(f"**/{file}", fault)

    here.page.goto(stack.ticket_link())

    failed(here.page, "did not arrive")
    assert fired


@CHROMIUM_ALONE
@pytest.mark.parametrize("file", ["stdlib.zip", "idb.js", "pyodide-lock.json"])
def test_row_22_page_does_not_stand_still_without(visit, stack, file):
    here = visit()
    here.page.route(f"**/{file}", lambda route: route.fulfill(status=404))

    here.page.goto(stack.ticket_link())

    failed(here.page, "reload")


def test_row_22_failing_python_is_named_without_an_address(visit, stack):
    here = visit()
    here.page.route(
        "**/app.zip", lambda route: route.fulfill(body=_archive("raise ValueError('see https://a.b/c#ticket')"))
    )

    here.page.goto(stack.ticket_link())

    failed(here.page, "could not start")
    expect(here.page.locator("#boot-detail")).to_have_text("ValueError: see …")


def test_row_22_page_that_gets_no_script_still_says_what_to_do(visit, stack):
    here = visit()
    here.page.route("**/boot.mjs", lambda route: route.abort())

    here.page.goto(stack.ticket_link())

    slow = here.page.get_by_text("This takes unusually long")
    for second, is_told in ((19, False), (21, True)):
        here.page.evaluate(f"for (const one of document.getAnimations()) one.currentTime = {second}_000")
        expect(slow).to_be_visible(visible=is_told)


def _archive(main: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app/main.py", main)
    return packed.getvalue()
