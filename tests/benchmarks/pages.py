"""Sit one interview: on Slipstream's page, or on the naive one that it replaces."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.config import Config
from playwright.sync_api import Browser, Locator, Page

from server.embedded_store import BUCKET
from tests.benchmarks.memory import MemoryWatch
from tests.benchmarks.sitting import INTERVIEW, NAIVE, Event, Plan, Sitting
from tests.benchmarks.watch import StoreWatch
from tests.stack import Stack

HERE = Path(__file__).parent
STORED_TIMEOUT_S = 900
SETTLE_S = 3  # what booting and the camera have started is done then

# Scripts that come with innerHTML do not run.
_PUT_IN = """html => {
  document.documentElement.innerHTML = html;
  for (const inert of [...document.scripts]) {
    const script = document.createElement("script");
    script.textContent = inert.textContent;
    inert.replaceWith(script);
  }
}"""


class Candidate(Protocol):
    """One of the two pages, up to the end of the last recording and then on to the receipt."""

    def open(self) -> None: ...

    def action(self, name: str, index: int) -> Locator: ...

    def go_on(self, index: int) -> None: ...

    def submit(self) -> None: ...


class SlipstreamCandidate:
    def __init__(self, page: Page, stack: Stack, session: str, mode: str, plan: Plan) -> None:
        self._page = page
        self._link = stack.ticket_link(session=session, interview=INTERVIEW, policy={**plan.policy, "mode": mode})
        self._plan = plan

    def open(self) -> None:
        self._page.goto(self._link)
        self._page.locator("[data-action=check-devices]").click(timeout=60_000)
        self._page.locator("[data-action=begin]").click()
        self.action("record", 0).wait_for()

    def action(self, name: str, index: int) -> Locator:
        return self._page.locator(f"[data-question={self._plan.questions[index]}] [data-action={name}]")

    def go_on(self, index: int) -> None:
        self._page.locator(f"[data-question={self._plan.questions[index]}] [data-step=forward]").click()

    def submit(self) -> None:
        """Press Submit as soon as it can be pressed: in bulk that is at once."""
        submit = self._page.locator("[data-action=submit]")
        self._page.locator("[data-action=submit]:not([aria-disabled=true])").wait_for(timeout=STORED_TIMEOUT_S * 1000)
        submit.click()
        submit.wait_for(state="detached", timeout=STORED_TIMEOUT_S * 1000)


class NaiveCandidate:
    def __init__(self, page: Page, stack: Stack, session: str, relay_url: str, plan: Plan) -> None:
        self._page = page
        self._base_url = stack.base_url
        self._urls = [sign_put(stack, relay_url, session, question) for question in plan.questions]

    def open(self) -> None:
        # The store lets the page's origin in and no other: the naive page borrows a reply from there. Not by `route`:
        # Chromium would not know that it comes from this machine, and let it reach no other port of it.
        self._page.goto(f"{self._base_url}/api/health")
        self._page.evaluate(_PUT_IN, (HERE / "naive.html").read_text("utf-8"))
        self._page.evaluate("urls => ready(urls)", self._urls)

    def action(self, name: str, index: int) -> Locator:
        return self._page.locator(f"[data-action={name}]")

    def go_on(self, index: int) -> None:
        """Nothing to do: all answers are given on one page."""

    def submit(self) -> None:
        self._page.get_by_text("recorded").wait_for()
        self.action("submit", 0).click()
        self._page.get_by_text("sent", exact=True).wait_for(timeout=STORED_TIMEOUT_S * 1000)


def sign_put(stack: Stack, relay_url: str, session: str, question: str) -> str:
    """Return a URL for one whole object, as most tutorials do it."""
    keys: Any = stack.s3._get_credentials()  # type: ignore[attr-defined]  # the store's own, made for this run
    s3 = boto3.client(
        "s3",
        endpoint_url=relay_url,
        region_name="us-east-1",
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, proxies={}),
    )
    key = f"{INTERVIEW}/{session}/{question}/take-1/video.webm"
    url: str = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=3600)
    return url


def sit(browser: Browser, stack: Stack, relay_url: str, mode: str, plan: Plan) -> Sitting:
    """Give every answer in `mode`, submit, and return once the store has everything."""
    session = f"{mode.replace('_', '-')}-{secrets.token_hex(4)}"
    with _page(browser, plan, bypass_csp=mode == NAIVE) as page, StoreWatch(stack, f"{INTERVIEW}/{session}") as watch:
        candidate: Candidate
        if mode == NAIVE:
            candidate = NaiveCandidate(page, stack, session, relay_url, plan)
        else:
            candidate = SlipstreamCandidate(page, stack, session, mode, plan)
        candidate.open()
        page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
        time.sleep(SETTLE_S)
        sitting = Sitting(load=(os.getloadavg()[0], 0.0))
        with MemoryWatch(os.getpid()) as memory:
            for index in range(plan.answers):
                _give(page, candidate, plan, sitting, index)
            candidate.submit()
            sitting.received_at = time.time()
            _wait_until_stored(page, watch, plan, sitting)
        sitting.peak = memory.peak
        sitting.load = (sitting.load[0], os.getloadavg()[0])
        sitting.events = _events(page, sitting.stopped[-1])
    return sitting


@contextmanager
def _page(browser: Browser, plan: Plan, *, bypass_csp: bool) -> Iterator[Page]:
    context = browser.new_context(bypass_csp=bypass_csp)
    figures = f"globalThis.slipstreamBench = {{ bitsPerSecond: {plan.bits_per_second} }};\n"
    context.add_init_script(figures + (HERE / "synthetic.js").read_text("utf-8"))
    page = context.new_page()
    try:
        yield page
    finally:
        context.close()


def _give(page: Page, candidate: Candidate, plan: Plan, sitting: Sitting, index: int) -> None:
    """Record one answer; go on to the next question where there is one."""
    candidate.action("record", index).click()
    stop = candidate.action("stop", index)
    stop.wait_for()
    started = _last_mark(page, "start")
    time.sleep(max(0.0, started + plan.length_s(index) - time.time()))
    stop.click()
    sitting.started.append(started)
    sitting.stopped.append(_last_mark(page, "click stop"))
    if index + 1 < plan.answers:
        candidate.go_on(index)


def _last_mark(page: Page, name: str) -> float:
    """Return when the page last noted `name`. It may not have done so yet when asked right after a click."""
    times = "name => slipstreamBench.marks.filter((mark) => mark[0] === name).map((mark) => mark[1])"
    while not (found := page.evaluate(times, name)):
        time.sleep(0.005)
    return float(found[-1]) / 1000


def _wait_until_stored(page: Page, watch: StoreWatch, plan: Plan, sitting: Sitting) -> None:
    """Raises TimeoutError if an object does not get its full size."""
    sitting.sizes = [int(size) for size in page.evaluate("slipstreamBench.recorded")]
    deadline = time.monotonic() + STORED_TIMEOUT_S
    for question, size in zip(plan.questions, sitting.sizes, strict=True):
        while (stored_at := watch.stored_at(question, size)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{question} has not come to its {size} bytes in the store")
            time.sleep(0.05)
        sitting.stored.append(stored_at)


def _events(page: Page, stopped_at: float) -> list[Event]:
    """Return what the page noted from shortly before the last Stop on."""
    marks = [(name, at, at) for name, at, _ in page.evaluate("slipstreamBench.marks")]
    requests = [(name, start, end) for name, start, end in page.evaluate("slipstreamBench.requests()")]
    found = [
        Event(name, start / 1000 - stopped_at, end / 1000 - stopped_at) for name, start, end in [*marks, *requests]
    ]
    return sorted((event for event in found if event.end_s > -2), key=lambda event: event.start_s)
