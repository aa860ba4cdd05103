"""Lead a candidate through every state of the page. A walk yields the state's name while the page stands in it.

Whoever walks looks: one makes pictures, another asks axe. A look may change the window's size and colours alone.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Route, expect

from tests.support import films
from tests.support.faults.calls import Kind
from tests.support.faults.rules import Answer, Delay, Rule, Slow
from tests.support.page_driver import BOOT_TIMEOUT_MS, WELCOME, Candidate
from tests.support.states.room import Room

Walk = Callable[[Room], Iterator[tuple[str, Candidate]]]

FULL_DISK = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...given) {
  if (globalThis.diskIsFull) throw new DOMException("There is no space left.", "QuotaExceededError");
  return put.apply(this, given);
};
"""
NO_PERMISSION = """
navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
"""
NO_STORAGE = """
Object.defineProperty(globalThis, "indexedDB", {
  value: { open() { throw new DOMException("The operation is insecure.", "SecurityError"); } },
});
"""
# The decoder keeps the film's last pictures: most of it is encoded, and then it stands still.
ENDLESS_FILM = "if (isSecureContext) VideoDecoder.prototype.flush = () => new Promise(() => {});"
SLOW_BYTES_PER_S = 40_000
LINES = {"smaller-video": 160_000, "slow": 3_000}  # bytes a second, by what the check says of them
THINNED_TIMEOUT_MS = 60_000
REFUSAL = Answer(400, {"Content-Type": "application/xml"}, b"<Error><Code>InvalidRequest</Code></Error>")


def interview(room: Room) -> Iterator[tuple[str, Candidate]]:
    """From the link to the receipt."""
    with room.candidate() as candidate:
        yield from _arrive(room, candidate)
        yield from _answer(room, candidate)
        yield from _go_through_trouble(room, candidate)
        yield from _submit(room, candidate)


def _arrive(room: Room, candidate: Candidate) -> Iterator[tuple[str, Candidate]]:
    page = candidate.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/app.zip", hold)  # the last thing that boot waits for
    room.open_page(candidate)
    candidate.until(lambda: held, "app.zip is asked for")
    yield "boot", candidate
    for route in held:
        route.continue_()
    page.unroute("**/app.zip")
    page.locator(WELCOME).wait_for(timeout=BOOT_TIMEOUT_MS)
    yield "device-check", candidate
    page.locator(WELCOME).click()
    expect(page.locator("[data-action=begin]")).to_be_visible()
    yield "device-check-open", candidate
    page.locator("[data-action=begin]").click()
    expect(candidate.question("introduction")).to_be_visible()
    yield "question", candidate


def _answer(room: Room, candidate: Candidate) -> Iterator[tuple[str, Candidate]]:
    page = candidate.page
    candidate.record("introduction")
    candidate.until(lambda: candidate.watch.shown["introduction/video"], "it is being uploaded")
    yield "recording", candidate
    expect(page.locator("[data-strip][data-ending]:visible")).to_be_visible()
    yield "recording-ending", candidate
    room.faults.store.add(Rule(Slow(SLOW_BYTES_PER_S), Kind.PART, times=None))
    candidate.stop("introduction")
    candidate.go_to("turning-point")
    candidate.press("turning-point", "record")
    expect(candidate.question("turning-point").locator("[data-phase]")).to_have_attribute("data-phase", "preparing")
    yield "preparing", candidate
    candidate.press("turning-point", "record")
    _speak(candidate, "turning-point", 8)
    yield "recording-while-uploading", candidate
    candidate.stop("turning-point")
    yield "taken-uploading", candidate
    room.faults.mend()
    candidate.wait_for_state("turning-point", "completed", "video")
    candidate.wait_for_state("introduction", "completed", "video")
    candidate.go_to("introduction")
    yield "taken-stored", candidate
    candidate.press("introduction", "retake")
    expect(page.locator("dialog[open]")).to_be_visible()
    yield "discard-question", candidate
    candidate.press("introduction", "discard")
    expect(candidate.question("introduction").locator("[data-action=restore]")).to_be_visible()
    yield "discarded", candidate
    candidate.press("introduction", "record")
    _speak(candidate, "introduction", 4)
    candidate.stop("introduction")
    yield "takes-used-up", candidate
    candidate.write("working-together", "Clear goals, honest words, and time to think before the answer.")
    yield "text", candidate


def _go_through_trouble(room: Room, candidate: Candidate) -> Iterator[tuple[str, Candidate]]:
    page = candidate.page
    page.locator("[data-action=submit]:not([aria-disabled])").click()
    expect(candidate.notice("submit-missing")).to_be_visible()
    yield "submit-missing", candidate
    candidate.record("explain-it")
    room.faults.store.down()
    room.faults.signer.down()
    expect(candidate.notice("offline")).to_be_visible()
    yield "offline-recording", candidate
    candidate.stop("explain-it")
    yield "offline", candidate
    room.faults.store.add(Rule(Answer(503), Kind.PART, times=None))
    room.faults.store.up()
    room.faults.signer.up()
    candidate.wait_for_state("explain-it", "retrying")
    yield "retrying", candidate
    candidate.pause()
    yield "paused", candidate
    room.faults.mend()
    room.faults.store.add(Rule(REFUSAL, Kind.PART, times=None))
    candidate.resume()
    expect(candidate.notice("upload-failed")).to_be_visible()
    yield "failed", candidate
    room.faults.mend()
    room.faults.store.add(Rule(Answer(413), Kind.PART, times=None))
    page.locator("[data-action=retry]:visible").first.click()
    expect(candidate.notice("store-refuses")).to_be_visible()
    yield "refused", candidate
    room.faults.mend()  # what was refused is tried again without anybody
    candidate.wait_for_state("explain-it", "completed")


def _submit(room: Room, candidate: Candidate) -> Iterator[tuple[str, Candidate]]:
    page = candidate.page
    room.faults.store.add(Rule(Slow(SLOW_BYTES_PER_S), Kind.PART, times=None))
    candidate.record("your-question")
    _speak(candidate, "your-question", 12)
    candidate.stop("your-question")
    yield "submit-waiting", candidate
    room.faults.mend()
    candidate.wait_until_safe()
    expect(page.locator("[data-action=submit]:not([aria-disabled])")).to_be_visible()
    yield "safe", candidate
    room.faults.signer.add(Rule(Delay(after_s=4), Kind.SUBMISSION))
    page.locator("[data-action=submit]").click()
    expect(page.locator("[data-action=submit][data-busy]")).to_be_visible()
    yield "submitting", candidate
    expect(page.locator("[data-receipt]")).to_be_visible()
    yield "receipt", candidate


def _speak(candidate: Candidate, question: str, chunks: int) -> None:
    """Wait until the recording that runs has given so many chunks."""

    def has_spoken() -> bool:
        running = [one for one in candidate.watch.recordings if one.question == question and one.chunks is None]
        return bool(running) and len(running[-1].sizes) >= chunks

    candidate.until(has_spoken, f"{chunks} chunks of {question}")


def comeback(room: Room) -> Iterator[tuple[str, Candidate]]:
    """A full disk, a reload in the middle of a recording, a second tab."""
    with room.candidate(script=FULL_DISK) as candidate:
        page = room.open_page(candidate)
        candidate.begin()
        room.faults.store.add(Rule(Slow(SLOW_BYTES_PER_S), Kind.PART, times=None))
        candidate.record("explain-it")
        _speak(candidate, "explain-it", 8)
        page.reload()
        expect(candidate.notice("recovering")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
        yield "recovering", candidate
        candidate.begin()
        candidate.go_to("explain-it")
        expect(candidate.notice("cut-off")).to_be_visible()
        yield "cut-off", candidate
        page.evaluate("() => { globalThis.diskIsFull = true; }")
        candidate.record("your-question")
        expect(candidate.notice("journal-full")).to_be_visible()
        yield "storage-full", candidate
        candidate.stop("your-question")
        room.faults.mend()
        candidate.wait_until_safe()
        other = Candidate(page.context.new_page(), candidate.watch, candidate.stack, "shown", candidate.session)
        room.open_page(other)
        expect(other.page.locator("[data-dead-end=other-tab]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
        yield "two-tabs", other
        other.page.locator("[data-dead-end] button").click()
        expect(page.locator("[data-dead-end=taken-over]")).to_be_visible()
        yield "taken-over", candidate


def dead_ends(room: Room) -> Iterator[tuple[str, Candidate]]:
    """What stands in the way before anything has begun."""
    with room.candidate(script=NO_PERMISSION) as candidate:
        page = candidate.page
        page.goto(f"{room.faults.stack.base_url}/{room.query}")
        expect(page.locator("[data-dead-end=ticket-missing]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
        yield "no-ticket", candidate
        page.goto("about:blank")
        room.open_page(candidate)
        page.locator(WELCOME).click(timeout=BOOT_TIMEOUT_MS)
        expect(candidate.notice("permission-denied")).to_be_visible()
        yield "denied", candidate
        page.route("**/app.zip", lambda route: route.abort())
        page.reload()
        expect(page.locator("#boot[data-state=failed]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
        yield "boot-failed", candidate
    with room.candidate(script=NO_STORAGE) as candidate:
        room.open_page(candidate)
        expect(candidate.notice("no-backup")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
        yield "no-backup", candidate
        candidate.begin()
        candidate.page.locator("[data-action=ask-deletion]").click()
        yield "deletion", candidate
        candidate.page.locator("[data-action=delete-here]").click()
        expect(candidate.page.locator("[data-dead-end=deleted-here]")).to_be_visible()
        yield "deleted", candidate


def slow_lines(room: Room) -> Iterator[tuple[str, Candidate]]:
    """What the connection check tells, and fewer frames while one speaks."""
    with room.candidate("filmed") as candidate:
        line = candidate.page.locator("[data-connection]")
        for verdict, bytes_per_s in LINES.items():
            room.faults.store.add(Rule(Slow(bytes_per_s), Kind.OTHER, times=None))  # the check's parts
            candidate.page.goto("about:blank")
            room.open_page(candidate)
            candidate.page.locator(WELCOME).click(timeout=BOOT_TIMEOUT_MS)
            if verdict == "slow":
                expect(line).to_have_attribute("data-connection", "measuring")
                yield "connection-measuring", candidate
            expect(line).to_have_attribute("data-connection", verdict)
            yield f"connection-{verdict}", candidate
            room.faults.mend()
        candidate.page.locator("[data-action=begin]").click()
        candidate.record("film")
        candidate.until(lambda: candidate.stored_parts("film", "video"), "a part is stored")
        room.faults.store.add(Rule(Slow(LINES["slow"]), Kind.PART, times=None))
        expect(candidate.notice("picture-thinned")).to_be_visible(timeout=THINNED_TIMEOUT_MS)
        yield "picture-thinned", candidate


def chosen_films(room: Room) -> Iterator[tuple[str, Candidate]]:
    """A video from the device that is made smaller, or cannot be."""
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder, "film.webm")
        films.write(film, films.WEBM, duration_s=4, size=(640, 360), bits_per_second=2_000_000)
        with room.candidate("shrunk", script=ENDLESS_FILM) as candidate:
            room.open_page(candidate)
            candidate.page.locator("[data-action=begin-without]").click(timeout=BOOT_TIMEOUT_MS)
            chooser = candidate.question("film").locator("[data-file] input")
            chooser.set_input_files(film)
            candidate.until(lambda: candidate.journal_rows()["chunks"] > 1, "some of the film is encoded")
            yield "film-shrinking", candidate
            candidate.press("film", "cancel-file")
            candidate.page.evaluate("() => { delete globalThis.VideoEncoder; }")
            candidate.watch.expect("is not made smaller")
            chooser.set_input_files(
                {"name": "large.webm", "mimeType": "video/webm", "buffer": film.read_bytes() + bytes(3_000_000)}
            )
            expect(candidate.notice("file-stays-too-large")).to_be_visible()
            yield "film-too-large", candidate
            chooser.set_input_files(film)
            expect(candidate.notice("file-sent-as-it-is")).to_be_visible()
            candidate.wait_for_state("film", "completed", track="video")
            yield "film-as-it-is", candidate


WALKS: tuple[Walk, ...] = (interview, comeback, dead_ends, slow_lines, chosen_films)
