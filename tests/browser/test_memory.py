"""Memory: a finished interview holds nothing, and a long recording holds no more than a short one."""

import re
from pathlib import Path

import pytest

from tests.support.files import script
from tests.support.page_driver import BOOT_TIMEOUT_MS, WELCOME
from tests.support.settings import CHROMIUM, synthetic

LIFETIMES = script("lifetimes")
MINUTES = 10
CHUNK_BYTES = 2_500_000 // 8  # a second at 2.5 Mbit/s
EVERY_MS = 40  # 25 times as fast as life
MIB = 1024 * 1024
LOOKS = 8  # at the memory, evenly over the recording

# The collectors of both heaps can only be asked from outside, and need Chromium's own protocol.
pytestmark = CHROMIUM


class Heap:
    """Look at a page's memory after everything that can be collected has been."""

    def __init__(self, candidate):
        self._page = candidate.page
        self._devtools = self._page.context.new_cdp_session(self._page)
        self._devtools.send("Performance.enable")
        self._browser = self._page.context.browser.new_browser_cdp_session()

    def collect(self):
        self._page.evaluate("() => { slipstreamPython.runPython('import gc; gc.collect()'); }")
        for _ in range(3):
            self._devtools.send("HeapProfiler.collectGarbage")

    def live_proxies(self):
        """Return how many proxies are alive without the collector's help: those that are destroyed need none.

        The least of many looks: a timer that is about to run has one for a moment.
        """
        size = "() => slipstreamPython._module.pyproxy_alloc_map.size"
        return min(self._page.evaluate(size) for _ in range(50))

    def counts(self):
        """Return how many Blobs, object URLs and Python proxies are alive."""
        self.collect()
        return self._page.evaluate(
            """() => ({
                blobs: lifetimes.blobs(),
                urls: lifetimes.urls(),
                proxies: slipstreamPython._module.pyproxy_alloc_map.size,
            })"""
        )

    def sizes(self):
        """Return bytes: of the JavaScript heap, of Python's, and of the page's process."""
        self.collect()
        metrics = {one["name"]: one["value"] for one in self._devtools.send("Performance.getMetrics")["metrics"]}
        return {
            "javascript": metrics["JSHeapUsedSize"],
            "python": self._page.evaluate("() => slipstreamPython._module.HEAP8.length"),
            "process": self._private_bytes(),
        }

    def _private_bytes(self):
        """Return what the page's process alone holds: the browser's own code is not the recording's."""
        processes = self._browser.send("SystemInfo.getProcessInfo")["processInfo"]
        busiest = max((one for one in processes if one["type"] == "renderer"), key=lambda one: one["cpuTime"])
        rollup = Path(f"/proc/{busiest['id']}/smaps_rollup").read_text(encoding="ascii")
        return sum(int(kib) * 1024 for kib in re.findall(r"^Private_Dirty: +(\d+) kB", rollup, re.MULTILINE))


@pytest.fixture
def sit_alone(sit_down, browsers):
    """Open the page in a browser of its own, with its Python within reach."""
    browser = browsers.launch_chromium()

    def sit(interview, script, **options):
        candidate = sit_down(interview, script=script, browser=browser, link="about:blank", **options)
        candidate.page.route("**/static/boot/interpreter.mjs", hand_out_python)
        candidate.page.goto(
            candidate.stack.ticket_link(session=candidate.session, interview=interview, policy={"part_bytes": MIB})
        )
        return candidate

    yield sit
    browser.close()


COUNTING = """
  globalThis.slipstreamPython = python;
  Error.stackTraceLimit = 0; // it would keep where each was made
  python._module.enable_pyproxy_allocation_tracing();
  return python;
"""


def hand_out_python(route):
    """Serve the loader as it is, but for its last line: the test gets the interpreter too, and proxies are counted."""
    reply = route.fetch()
    body = reply.text()
    assert body.count("  return python;") == 1
    route.fulfill(response=reply, body=body.replace("  return python;", COUNTING))


def wait_for_python(candidate):
    candidate.page.locator(WELCOME).wait_for(timeout=BOOT_TIMEOUT_MS)


ARCHIVES = """() => {
  const paths = slipstreamPython.runPython("import sys; [path for path in sys.path if path.endswith('.zip')]").toJs();
  return paths.map((path) => slipstreamPython.FS.stat(path).size);
}"""
# Imports a module that nothing has imported before.
ARE_SOUND = "import sys, zipfile; all(zipfile.ZipFile(path).testzip() is None for path in sys.path if '.zip' in path)"


def test_archives_keep_only_what_is_not_imported_yet(sit_alone):
    candidate = sit_alone("spoken", LIFETIMES)
    wait_for_python(candidate)
    sizes = candidate.until(
        lambda: sum(found := candidate.page.evaluate(ARCHIVES)) < 2 * MIB and found, "the archives are smaller"
    )
    assert len(sizes) == 3
    assert candidate.page.evaluate(f"() => slipstreamPython.runPython({ARE_SOUND!r})") is True


def test_after_an_interview_blobs_and_proxies_are_back_where_they_began(sit_alone):
    candidate = sit_alone("spoken", LIFETIMES)
    wait_for_python(candidate)
    heap = Heap(candidate)
    before = heap.counts()
    assert before["blobs"] == before["urls"] == 0
    assert before["proxies"] > 0, "nobody counts the proxies"

    candidate.begin()
    kept = None
    for question in ("first", "second"):
        candidate.record(question)
        candidate.until(lambda q=question: len(candidate.recording(q).sizes) >= 4, "four chunks")
        candidate.stop(question)
        candidate.wait_for_state(question, "completed")
        candidate.wait_until_safe()
        if kept is None:
            kept = heap.live_proxies()
    candidate.until(lambda: heap.live_proxies() <= kept, "an answer left callbacks behind for the collector")
    candidate.go_to("first")
    candidate.discard("first")
    given_up = candidate.recording("first")
    candidate.press("first", "record")
    candidate.until(lambda: candidate.recording("first") is not given_up, "a recorder of its own")
    candidate.until(lambda: len(candidate.recording("first").sizes) >= 4, "four chunks")
    candidate.stop("first")
    candidate.write("words", "Nothing stays.")
    candidate.submit()
    candidate.until(lambda: candidate.recording("first").is_over, "the test's own taps have let go")

    assert candidate.page.evaluate("() => lifetimes.seen()") > 20, "the test followed no Blobs"
    candidate.until(lambda: heap.counts()["blobs"] == 0, f"no Blob is alive, but {heap.counts()}", timeout_s=20)
    after = heap.counts()
    assert after["urls"] == 0, "an object URL was not revoked"
    assert after["proxies"] <= before["proxies"], "a callback was not let go"


def test_ten_minutes_of_recording_leave_memory_flat(sit_alone):
    chunks = MINUTES * 60
    noise = synthetic(type="video/mp4;codecs=avc1.42E01F,opus", size=CHUNK_BYTES, every_ms=EVERY_MS, chunks=chunks)
    candidate = sit_alone("filmed", LIFETIMES, before=noise)  # the taps wrap what stands before them
    candidate.begin()
    heap = Heap(candidate)
    candidate.record("film")
    film = candidate.recording("film", "video")

    looks = []
    for look in range(1, LOOKS + 1):
        due = chunks * look // LOOKS
        candidate.until(lambda d=due: len(film.sizes) >= d, f"{due} chunks", timeout_s=200)
        looks.append(heap.sizes())
    candidate.stop("film")
    candidate.wait_for_state("film", "completed", "video")
    candidate.wait_until_safe()

    # The first look is behind the warm-up: compiled code, parsers, pools.
    print("\n".join(str({name: round(size / MIB, 1) for name, size in look.items()}) for look in looks))
    recorded = film.size - sum(film.sizes[: chunks // LOOKS])
    assert recorded > 150 * MIB
    for name, most in (("javascript", 4 * MIB), ("python", 2 * MIB), ("process", 24 * MIB)):
        grown = min(look[name] for look in looks[-2:]) - min(look[name] for look in looks[:2])
        assert grown <= most, f"{name} has grown by {grown / MIB:.1f} MiB while {recorded / MIB:.0f} MiB were recorded"
    record = candidate.stored_record("film", "video")
    candidate.assert_object_is(film, record)
    assert heap.counts()["blobs"] <= 4, "Blobs of a completed recording are alive"
