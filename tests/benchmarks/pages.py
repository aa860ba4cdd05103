"""Sit one interview: on Slipstream's page, or on the naive one that it replaces."""

import json
import os
import secrets
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.config import Config

from server.store.embedded import BUCKET
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.memory import MemoryWatch, Sample, sample
from tests.benchmarks.sitting import INTERVIEW, NAIVE, Event, Plan, Sitting
from tests.benchmarks.watch import FolderWatch, StoreWatch
from tests.support.stack import Stack

HERE = Path(__file__).parent
BOOT_TIMEOUT_S = 60
STORED_TIMEOUT_S = 3600  # half an hour of film on a line that is slower than it was recorded
GO_ON_TIMEOUT_S = 180  # of a machine that is far too busy
PRESS_AGAIN_S = 20  # of life: someone who reads that it failed, and looks whether the network is back
SPARE_S = 5  # until Chromium has started its spare process
SETTLE_S = 3  # what booting and the camera have started is done then

_CLICK_AT = "setTimeout(() => document.querySelector({}).click(), {} - performance.timeOrigin - performance.now())"
# Neither is there before Python is up.
_CLICK_UNTIL = "document.querySelector({})?.checkVisibility() || (document.querySelector({})?.click(), false)"
_STATE = "document.getElementById('state').textContent"
# Scripts that come with innerHTML do not run.
_PUT_IN = """{
  document.documentElement.innerHTML = %s;
  for (const inert of [...document.scripts]) {
    const script = document.createElement("script");
    script.textContent = inert.textContent;
    inert.replaceWith(script);
  }
}"""


class Candidate(Protocol):
    """One of the two pages: what is clicked, and what lies between."""

    def open(self) -> None: ...

    def selector(self, action: str, index: int) -> str: ...

    def go_on(self, index: int) -> None: ...

    def submit(self) -> int:
        """Press Submit until the page says that it is over; return how often."""
        ...


class SlipstreamCandidate:
    def __init__(self, browser: Chromium, stack: Stack, session: str, mode: str, plan: Plan) -> None:
        self._browser = browser
        # Modes are compared at one rate: `adapts` is off unless the plan says otherwise.
        self._link = stack.ticket_link(
            session=session, interview=INTERVIEW, policy={"adapts": False, **plan.policy, "mode": mode}
        )
        self._plan = plan

    def open(self) -> None:
        self._browser.open(self._link)
        self._browser.click("[data-action=check-devices]", BOOT_TIMEOUT_S)
        # Until it is followed: a button that has just appeared takes no press for a second.
        begun = _CLICK_UNTIL.format(json.dumps(self.selector("record", 0)), json.dumps("[data-action=begin]"))
        self._browser.wait_for(begun, BOOT_TIMEOUT_S)

    def selector(self, action: str, index: int) -> str:
        return f"[data-question={self._plan.questions[index]}] [data-action={action}]"

    def go_on(self, index: int) -> None:
        # Until it is followed: the page lets a click pass while the end of the recording is still being written down.
        forward = f"[data-question={self._plan.questions[index]}] [data-step=forward]"
        following = self.selector("record", index + 1)
        self._browser.wait_for(_CLICK_UNTIL.format(json.dumps(following), json.dumps(forward)), GO_ON_TIMEOUT_S)

    def submit(self) -> int:
        """Press Submit as soon as it can be pressed: in bulk that is at once."""
        self._browser.click("[data-action=submit]:not([aria-disabled=true])", STORED_TIMEOUT_S)
        self._browser.wait_for("!document.querySelector('[data-action=submit]')", STORED_TIMEOUT_S)
        return 1


class NaiveCandidate:
    def __init__(self, browser: Chromium, stack: Stack, session: str, relay_url: str, plan: Plan) -> None:
        self._browser = browser
        self._base_url = stack.base_url
        self._urls = [sign_put(stack, relay_url, session, question) for question in plan.questions]
        self._plan = plan

    def open(self) -> None:
        # The store lets the page's origin in and no other: the naive page borrows a reply from there.
        self._browser.bypass_csp()
        self._browser.open(f"{self._base_url}/api/health")
        self._browser.evaluate(_PUT_IN % json.dumps((HERE / "naive.html").read_text("utf-8")))
        self._browser.evaluate(f"ready({json.dumps(self._urls)}, {self._plan.naive_tries}, {1000 / self._plan.speed})")

    def selector(self, action: str, index: int) -> str:
        return f"[data-action={action}]"

    def go_on(self, index: int) -> None:
        """Nothing to do: all answers are given on one page."""

    def submit(self) -> int:
        """Press Submit; whenever the page has given up, press it again a little later."""
        self._wait_for_state("recorded")
        for presses in count(1):
            self._browser.click("[data-action=submit]")
            self._wait_for_state("sent", "failed")
            if self._browser.evaluate(_STATE) == "sent":
                return presses
            time.sleep(PRESS_AGAIN_S / self._plan.speed)
        raise AssertionError("it counts on")

    def _wait_for_state(self, *states: str) -> None:
        self._browser.wait_for(f"{json.dumps(states)}.includes({_STATE})", STORED_TIMEOUT_S)


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


def blank_page(browser: Chromium, base_url: str) -> Sample:
    """Return what a page of one line of text takes, and the spare process that Chromium keeps behind any page."""
    browser.open(f"{base_url}/api/live")
    time.sleep(SPARE_S)
    browser.collect_garbage()
    return sample(browser.pid)


def sit(
    browser: Chromium,
    stack: Stack,
    relay_url: str,
    mode: str,
    plan: Plan,
    watching: Callable[[Stack, str], StoreWatch] = FolderWatch,
    *,
    blank: Sample | None = None,
    on_begin: Callable[[], None] = lambda: None,
) -> Sitting:
    """Give every answer in `mode`, submit, and return once the store has everything.

    Memory is counted above `blank`; None: above the page that is ready to record. `on_begin` is called when the
    first recording has begun.
    """
    session = f"{mode.replace('_', '-')}-{secrets.token_hex(4)}"
    given = {"bitsPerSecond": plan.bits_per_second, "speed": plan.speed} | ({"codec": plan.codec} if plan.codec else {})
    figures = f"globalThis.slipstreamBench = {json.dumps(given)};\n"
    recorder = "real.js" if plan.is_real else "synthetic.js"
    browser.run_before(figures + "".join((HERE / name).read_text("utf-8") for name in ("marks.js", recorder)))
    candidate: Candidate
    if mode == NAIVE:
        candidate = NaiveCandidate(browser, stack, session, relay_url, plan)
    else:
        candidate = SlipstreamCandidate(browser, stack, session, mode, plan)
    with watching(stack, f"{INTERVIEW}/{session}") as watch:
        candidate.open()
        browser.wait_for_shown(candidate.selector("record", 0))
        time.sleep(SETTLE_S)
        browser.collect_garbage()
        sitting = Sitting(load=(os.getloadavg()[0], 0.0))
        with MemoryWatch(browser.pid, blank, plan.memory_every_s) as memory:
            for index in range(plan.answers):
                _give(browser, candidate, plan, sitting, index, on_begin)
                watch.expect()
                if index + 1 < plan.answers:
                    candidate.go_on(index)
            sitting.presses = candidate.submit()
            sitting.received_at = time.time()
            _wait_until_stored(browser, watch, plan, sitting)
        sitting.peak, sitting.memory = memory.peak, memory.samples
        sitting.load = (sitting.load[0], os.getloadavg()[0])
        sitting.events = _events(browser, sitting.stopped[-1])
    return sitting


def _give(
    browser: Chromium, candidate: Candidate, plan: Plan, sitting: Sitting, index: int, on_begin: Callable[[], None]
) -> None:
    """Record one answer."""
    record, stop = candidate.selector("record", index), candidate.selector("stop", index)
    if index > 0:
        time.sleep(max(0.0, sitting.started[0] + index * plan.begin_every_s - time.time()))
    browser.wait_for(_CLICK_UNTIL.format(json.dumps(stop), json.dumps(record)), GO_ON_TIMEOUT_S)
    started = _mark(browser, "start", index)
    if index == 0:
        on_begin()
    # By the page's own timer: a click from outside comes a little late, and then another chunk has been given.
    browser.evaluate(_CLICK_AT.format(json.dumps(stop), (started + plan.length_s(index)) * 1000))
    time.sleep(plan.length_s(index) - 0.5)
    sitting.started.append(started)
    sitting.stopped.append(_mark(browser, "click stop", index))


def _mark(browser: Chromium, name: str, index: int) -> float:
    """Wait until the page has noted `name` for the recording of this index; return when that was."""
    times = f"slipstreamBench.marks.filter((mark) => mark[0] === '{name}').map((mark) => mark[1])"
    while len(found := browser.evaluate(times)) <= index:
        time.sleep(0.02)
    return float(found[index]) / 1000


def _wait_until_stored(browser: Chromium, watch: StoreWatch, plan: Plan, sitting: Sitting) -> None:
    """Raises TimeoutError if an object does not get its full size."""
    sitting.sizes = [int(size) for size in browser.evaluate("slipstreamBench.recorded")]
    chunks = browser.evaluate("slipstreamBench.marks.filter((mark) => mark[0] === 'chunk')")
    sitting.chunks = [(at / 1000, int(size)) for _, at, size in chunks]
    sitting.last_chunk = sitting.chunks[-1][1]
    deadline = time.monotonic() + STORED_TIMEOUT_S
    for question, size in zip(plan.questions, sitting.sizes, strict=True):
        while (stored_at := watch.stored_at(question, size)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{question} has not come to its {size} bytes in the store")
            time.sleep(0.05)
        sitting.stored.append(stored_at)
        sitting.keys.append(watch.key_of(question))


def _events(browser: Chromium, stopped_at: float) -> list[Event]:
    """Return what the page noted from shortly before the last Stop on."""
    marks = [(name, at, at) for name, at, _ in browser.evaluate("slipstreamBench.marks")]
    requests = [(name, start, end) for name, start, end in browser.evaluate("slipstreamBench.requests()")]
    found = [
        Event(name, start / 1000 - stopped_at, end / 1000 - stopped_at) for name, start, end in [*marks, *requests]
    ]
    return sorted((event for event in found if event.end_s > -2), key=lambda event: event.start_s)
