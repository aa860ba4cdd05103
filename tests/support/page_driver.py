"""A candidate before the page: does what people do, and sees what people see."""

import hashlib
import json
import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from app.contract.efficiency import EfficiencyRecord
from tests.support.page_watch import PageWatch, Recording
from tests.support.stack import Stack

BOOT_TIMEOUT_MS = 90_000  # Python starts slowly on a busy machine
# The button of the welcome page once Python is up, which is some time after the button can be pressed.
WELCOME = "body:not(:has(#boot)) [data-action=check-devices]"
TIMEOUT_MS = 60_000
_LOOK_MS = 40
_CHUNKS_UNTOLD = 3

_ROWS_IN_JOURNAL = """
async (sitting) => {
  const kept = (await indexedDB.databases?.()) ?? []; // a window without storage has a stand-in
  if (!kept.some(({ name }) => name === `slipstream-${sitting}`)) return {}; // the page has deleted it
  const open = indexedDB.open(`slipstream-${sitting}`);
  const database = await new Promise((resolve, reject) => {
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
  const counts = {};
  for (const name of database.objectStoreNames) {
    const request = database.transaction(name).objectStore(name).count();
    counts[name] = await new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  }
  database.close();
  return counts;
}
"""


class Candidate:
    """One session in one browser window."""

    def __init__(self, page: Page, watch: PageWatch, stack: Stack, interview: str, session: str) -> None:
        self.page = page
        self.watch = watch
        self.stack = stack
        self.session = session
        self.link = ""  # what the page was opened with; the address bar no longer has it
        self.sitting = f"{interview}/{session}"  # how the page names journal and lock
        self.prefix = f"{self.sitting}/"

    # What people do.

    def begin(self) -> None:
        """Pass the device check."""
        self.page.locator("[data-action=check-devices]").click(timeout=BOOT_TIMEOUT_MS)  # perhaps before Python is up
        self.page.locator("#boot").wait_for(state="detached", timeout=BOOT_TIMEOUT_MS)
        self.page.locator("[data-action=begin]").click()
        expect(self.page.locator("[data-question]:visible")).to_be_visible()

    def go_to(self, question: str) -> None:
        self.page.locator(f"nav [data-goto={question}]").click()
        expect(self.question(question)).to_be_visible()

    def record(self, question: str) -> None:
        """Go to a question and start recording."""
        self.go_to(question)
        self.press(question, "record")
        expect(self.question(question).locator("[data-action=stop]")).to_be_visible()

    def stop(self, question: str) -> None:
        """Stop, once there is enough for it to count."""
        shown = self.question(question)
        expect(shown.locator("[data-action=stop]")).to_be_visible()  # until then the clock may count down
        expect(shown.get_by_role("timer")).not_to_have_text("0:00")
        self.press(question, "stop")
        expect(self.question(question).locator("[data-phase]")).to_have_attribute("data-phase", "taken")

    def discard(self, question: str) -> None:
        """Discard the last take, and say once more that it is meant."""
        self.press(question, "retake")
        self.press(question, "discard")
        expect(self.question(question).locator("[data-phase]")).to_have_attribute("data-phase", "ready")

    def press(self, question: str, action: str) -> None:
        self.question(question).locator(f"[data-action={action}]").click()

    def pause(self) -> None:
        self.page.locator("[data-action=pause]").click()
        expect(self.page.locator("[data-action=resume]")).to_be_visible()

    def resume(self) -> None:
        self.page.locator("[data-action=resume]").click()
        expect(self.page.locator("[data-action=resume]")).to_be_hidden()

    def write(self, question: str, text: str) -> None:
        self.go_to(question)
        self.question(question).locator("textarea").press_sequentially(text)

    def submit(self) -> None:
        """Press Submit, as soon as it can be pressed, and wait for the receipt."""
        self.page.locator("[data-action=submit]:not([aria-disabled])").click(timeout=TIMEOUT_MS)
        expect(self.page.locator("[data-receipt]")).to_be_visible()

    # What people see.

    def question(self, question: str) -> Locator:
        return self.page.locator(f"[data-question={question}]")

    def track(self, question: str, track: str = "audio") -> Locator:
        return self.question(question).locator(f"[data-track={track}]")

    def state(self, question: str, track: str = "audio") -> str:
        return self.track(question, track).get_attribute("data-state") or ""

    def wait_for_state(self, question: str, state: str, track: str = "audio") -> None:
        expect(self.track(question, track)).to_have_attribute("data-state", state)

    def wait_until_safe(self) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-safe", "true")

    @property
    def backlog(self) -> int:
        return int(self.page.locator("[data-backlog]").get_attribute("data-backlog") or 0)

    def notice(self, topic: str) -> Locator:
        return self.page.locator(f"[data-notice={topic}]:visible")

    # What only a test looks at.

    def until(self, look: Callable[[], Any], what: str, timeout_s: float = TIMEOUT_MS / 1000) -> Any:
        """Look again and again until there is something true to see; return it."""
        deadline = time.monotonic() + timeout_s
        while not (seen := look()):
            assert time.monotonic() < deadline, f"never happened: {what}"
            self.page.wait_for_timeout(_LOOK_MS)  # lets the page's reports come in, as sleep() would not
        return seen

    def recordings(self, question: str, track: str = "audio") -> list[Recording]:
        """Return every take of a question, as its recorder emitted it, of every visit."""
        return [one for one in self.watch.recordings if (one.question, one.track) == (question, track)]

    def recording(self, question: str, track: str = "audio") -> Recording:
        """Return the newest recording of a question."""
        found = self.recordings(question, track)
        assert found, f"nothing was recorded for {question}/{track}"
        return found[-1]

    def stored_parts(self, question: str, track: str = "audio") -> list[tuple[int, int]]:
        """Ask the store itself for number and size of what an open upload has."""
        keys = [key for key in self.stack.open_uploads(self.prefix) if re.search(rf"/{question}/.*/{track}\.", key)]
        return self.stack.stored_parts(keys[0]) if keys else []

    def open_uploads(self) -> dict[str, str]:
        return self.stack.open_uploads(self.prefix)

    def objects(self) -> dict[str, int]:
        """Return the sizes of this session's objects, by key without the session's prefix."""
        return {key.removeprefix(self.prefix): size for key, size in self.stack.objects(self.prefix).items()}

    def report(self) -> EfficiencyRecord | None:
        """Return the session's efficiency.json; None before the first one."""
        try:
            return EfficiencyRecord.model_validate(self.read_json("efficiency.json"))
        except self.stack.s3.exceptions.NoSuchKey:
            return None

    def last_report(self) -> EfficiencyRecord:
        """Wait for the report that follows the receipt."""

        def last() -> EfficiencyRecord | None:
            report = self.report()
            return report if report is not None and report.is_submitted else None

        found: EfficiencyRecord = self.until(last, "the last report is written")
        return found

    def read(self, name: str) -> bytes:
        return self.stack.read(self.prefix + name)

    def read_json(self, name: str) -> Any:
        return json.loads(self.read(name))

    def stored_record(self, question: str, track: str = "audio", *, take: int = 1) -> dict[str, Any]:
        """Wait until a take's answer.json is stored, which is after its recordings are; return a recording's record."""
        name = f"{question}/take-{take}/answer.json"
        self.until(lambda: name in self.objects(), f"{name} is stored")
        record: dict[str, Any] = self.read_json(name)["tracks"][track]
        return record

    def journal_rows(self) -> dict[str, int]:
        """Count what the page's journal holds, by kind."""
        counts: dict[str, int] = self.page.evaluate(_ROWS_IN_JOURNAL, self.sitting)
        return dict.fromkeys(("chunks", "facts", "answers"), 0) | counts

    def assert_object_is(self, recording: Recording, record: dict[str, Any]) -> bytes:
        """Compare an object in the store, byte for byte, with what the recorder emitted; return it."""
        self.until(lambda: recording.is_over, "every emitted chunk is digested")
        stored = self.stack.read(record["key"])
        assert (record["size"], len(stored)) == (recording.size, recording.size)
        assert record["sha256"] == hashlib.sha256(stored).hexdigest()
        self.assert_chunks_are(recording, stored)
        return stored

    def assert_reload_keeps(self, question: str, key: str = "") -> None:
        """Reload while the only open recording runs; what was cut off arrives in the same upload.

        `key` is its object's; "": as the store lists its open uploads.
        """
        [key] = [key] if key else self.open_uploads()
        interrupted = self.recording(question)
        self.page.reload()
        expect(self.notice("recovering")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
        self.wait_for_state(question, "completed")
        self.wait_until_safe()
        record = self.stored_record(question)
        media = self.stack.read(key)
        assert (record["key"], record["size"]) == (key, len(media))
        self.assert_chunks_are(interrupted, media)
        assert self.open_uploads() == {}

    def assert_chunks_are(self, recording: Recording, stored: bytes) -> int:
        """Compare `stored` with as many whole chunks as it holds; return how many these are.

        What a page told of its last chunks can die with the page: such an end is measured, and not compared.
        """
        offset = place = 0
        while offset < len(stored):
            if place not in recording.digests and recording.chunks is None:
                untold = len(stored) - offset
                assert untold <= _CHUNKS_UNTOLD * max(recording.sizes), f"{untold} bytes that nobody recorded"
                break
            piece = stored[offset : offset + recording.sizes[place]]
            assert hashlib.sha256(piece).hexdigest() == recording.digests[place], f"chunk {place} differs"
            offset += recording.sizes[place]
            place += 1
        assert offset <= len(stored), "a chunk is stored in part"
        return place
