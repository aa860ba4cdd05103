"""One very long recording in the real page, faster than life, with an outage in its middle third."""

import time
from dataclasses import dataclass

from server.settings import ROOT
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.memory import Sample, sample
from tests.benchmarks.pages import BOOT_TIMEOUT_S, blank_page
from tests.benchmarks.processor import cpu_s
from tests.support.faults.faulty_stack import FaultyStack
from tests.support.faults.rules import Change, Rule
from tests.support.files import script
from tests.support.settings import synthetic

INTERVIEW = "long"
QUESTION = "[data-question=talk]"
LOADER = "static/boot/interpreter.mjs"
AHEAD = (
    8  # chunks that the recorder may be ahead of the journal: it then waits, and the speed is what the machine gives
)
PATIENCE_S = 1800  # for the rest to arrive
_OBJECTS = "import gc, sys; sum(map(sys.getsizeof, gc.get_objects()))"


@dataclass(frozen=True)
class Look:
    """Memory in bytes, after both heaps' garbage was collected."""

    recorded_s: float
    wall_s: float
    backlog: int
    javascript: int  # used heap
    python: int  # all of its heap, which never shrinks
    objects: int  # of Python that its collector follows, each without what it points to
    processes: Sample
    cpu_s: float  # of all of the browser since its start


@dataclass(frozen=True)
class Recorded:
    blank: Sample  # of the same browser, before the page was opened
    looks: list[Look]  # evenly while recording, then when everything is stored, then behind Submit
    chunks: int
    wall_s: float  # from Record to Stop
    rest_s: float  # from Stop to the last byte stored


def interview(limit_s: int) -> str:
    return (
        f'id = "{INTERVIEW}"\ntitle = "A long talk"\n\n'
        f'[[questions]]\nid = "talk"\nprompt = "Talk."\ntracks = ["video"]\nlimit_s = {limit_s}\n'
    )


class LongSitting:
    """A candidate who talks for `chunks` seconds, each of `chunk_bytes`."""

    def __init__(self, browser: Chromium, faults: FaultyStack, *, chunks: int, chunk_bytes: int, speed: float) -> None:
        self._browser = browser
        self._faults = faults
        self._chunks = chunks
        plan = {"size": chunk_bytes, "every_ms": 1000 / speed, "chunks": chunks, "ahead": AHEAD}
        browser.run_before(synthetic(type="video/mp4;codecs=avc1.42E01F,opus", **plan) + script("commits"))
        browser.run_before(script("settled"))  # else a press on a button that has just come does nothing
        self._began_at = 0.0
        self._is_away = False
        self._looks: list[Look] = []

    def record(self, session: str, *, looks: int) -> Recorded:
        """Record, with the network away in the middle third, and stop; return when everything is stored."""
        blank = blank_page(self._browser, self._faults.stack.base_url)
        self._open(session)
        self._browser.click(f"{QUESTION} [data-action=record]")
        self._began_at = time.monotonic()
        for number in range(1, looks + 1):
            self._set_network(is_away=1 / 3 < number / looks <= 2 / 3)
            self._browser.wait_for(f"commits.chunks >= {self._chunks * number // looks}", PATIENCE_S)
            self._looks.append(self._look())
            print(f"{self._looks[-1].recorded_s / 60:.0f} min recorded", flush=True)
        wall_s = time.monotonic() - self._began_at
        self._browser.click(f"{QUESTION} [data-action=stop]")
        self._browser.wait_for_shown("body[data-safe=true]", PATIENCE_S)
        rest_s = time.monotonic() - self._began_at - wall_s
        self._looks.append(self._look())
        self._browser.click("[data-action=submit]:not([aria-disabled=true])", PATIENCE_S)
        self._browser.wait_for_shown("[data-receipt]", PATIENCE_S)
        self._looks.append(self._look())
        return Recorded(blank, self._looks, self._browser.evaluate("commits.chunks"), wall_s, rest_s)

    def _open(self, session: str) -> None:
        """Open the page with its Python within reach, and pass the device check."""
        loader = (ROOT / LOADER).read_text("utf-8")
        assert loader.count("  return python;") == 1
        handing_out = loader.replace("  return python;", "  globalThis.slipstreamPython = python;\n  return python;")
        change = Change(headers={"Content-Encoding": None}, body=handing_out.encode())
        self._faults.signer.add(Rule(change, when=lambda call: call.path.endswith(f"/{LOADER}"), times=None))
        self._browser.open(self._faults.stack.ticket_link(session=session, interview=INTERVIEW))
        self._browser.click("[data-action=check-devices]", BOOT_TIMEOUT_S)
        self._browser.click("[data-action=begin]", BOOT_TIMEOUT_S)  # it comes with Python

    def _set_network(self, *, is_away: bool) -> None:
        if is_away == self._is_away:
            return
        self._is_away = is_away
        for proxy in (self._faults.signer, self._faults.store):
            if is_away:
                proxy.down()
            else:
                proxy.up()

    def _look(self) -> Look:
        browser = self._browser
        browser.evaluate("void slipstreamPython.runPython('import gc; gc.collect()')")
        for _ in range(3):
            browser.collect_garbage()
        return Look(
            recorded_s=float(browser.evaluate("commits.chunks")),
            wall_s=time.monotonic() - self._began_at,
            backlog=int(browser.evaluate("document.querySelector('[data-backlog]')?.dataset.backlog ?? 0")),
            javascript=int(browser.metrics()["JSHeapUsedSize"]),
            python=int(browser.evaluate("slipstreamPython._module.HEAP8.length")),
            objects=int(browser.evaluate(f"slipstreamPython.runPython('{_OBJECTS}')")),
            processes=sample(browser.pid),
            cpu_s=cpu_s(browser.pid),
        )
