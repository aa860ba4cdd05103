"""Is a large chosen video stored smaller, whole and in step, and what does that cost?

    .venv/bin/python -m tests.benchmarks.reencode
    .venv/bin/python -m tests.benchmarks.reencode --browser firefox
    .venv/bin/python -m tests.benchmarks.reencode --film FILE

Without a FILE it makes a film of about 200 MB (films.py): H.264 and AAC for Chromium, VP8 and Opus for Firefox, whose
Debian package decodes H.264 only where FFmpeg's libraries are installed. The film is encoded whole once, cancelled once
in the middle, and once the browser is killed in the middle; then everything that is left of it is counted: after the
kill first what the disk has, and then what the page has left of it. There the film is chosen again, and stored. Both
results are decoded whole by PyAV. Memory is that of all the browser's processes (memory.py) above an empty page, and
above our page with nothing chosen.
"""

import os
import secrets
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.memory import PROC, MemoryWatch, descendants, sample
from tests.support import films
from tests.support.browsers import PROGRAMS, launch_options
from tests.support.faults.victim import Kill, Victim
from tests.support.stack import Stack, running_stack

FILM_S = 40
MIDDLE = 0.4  # of the film; there it is cancelled, and there the browser is killed
READY_MS = 90_000
LOOK_MS = 200
PLAIN = "/static/styles/base.css"  # a page of our origin on which nothing of ours runs
WHOLE_S = 1_200
INTERVIEW = """
id = "film"
title = "A film"

[[questions]]
id = "film"
prompt = "Show us."
tracks = ["video"]
limit_s = 3600
file = { max_bytes = 2_000_000_000 }
"""
_SHARE = "(document.querySelector('[data-shrinking]:not([hidden]) progress')?.value ?? -1)"
_ROWS = """
async () => {
  let rows = 0;
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("slipstream-film/")) continue; // another one is the device's
    const database = await new Promise((resolve) => {
      indexedDB.open(name).onsuccess = (event) => resolve(event.target.result);
    });
    for (const store of ["chunks", "facts"]) {
      const request = database.transaction(store).objectStore(store).count();
      rows += await new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    }
    database.close();
  }
  return rows;
}
"""


def main(
    *,
    browser: Annotated[str, typer.Option(help="chromium or firefox")] = "chromium",
    film: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Made if none is named.")] = None,
) -> None:
    """Encode a large film again: whole, cancelled, crashed."""
    options = launch_options(browser, is_measured=True)
    print(f"{browser}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="slipstream-bench-") as folder:
        source = film or _made(Path(folder), films.MP4 if browser == "chromium" else films.WEBM)
        before = films.read(source)
        _say("before", source.stat().st_size, before)
        interviews = Path(folder, "interviews")
        interviews.mkdir()
        (interviews / "film.toml").write_text(INTERVIEW)
        with running_stack(Path(folder), interviews=interviews) as stack, sync_playwright() as playwright:
            running = getattr(playwright, browser).launch(**options)
            after = _whole(running, browser, stack, source, Path(folder))
            running.close()
            print(f"          {before.frames - after.frames} frames fewer, picture {_ms(after, before)} ms longer")
            running = getattr(playwright, browser).launch(**options)
            _cancelled(running, stack, source)
            running.close()
            _crashed(Victim(playwright, browser, Path(folder, "profile")), stack, source, Path(folder))


def _whole(browser: Browser, name: str, stack: Stack, source: Path, folder: Path) -> films.Film:
    session = f"bench-{secrets.token_hex(4)}"
    page = browser.new_context().new_page()
    root = _browsers_process(name)
    page.wait_for_timeout(3_000)  # a browser that has just started is still loading itself
    empty = sample(root)
    _open(page, stack, session)
    page.wait_for_timeout(3_000)
    with MemoryWatch(root) as watch:
        began = time.monotonic()
        _choose(page, source)
        _await_stored(page)
        took_s = time.monotonic() - began
    after = _say_stored("after", stack, session, folder)
    kinds = {kind for one in watch.samples for kind in one.pss}
    peak = max(watch.samples, key=lambda one: one.total)
    print(f"took      {took_s:.0f} s from choosing to stored")
    print(
        f"memory    at most {(peak.total - empty.total) / 1e6:.0f} MB above an empty page,"
        f" {(peak.total - watch.baseline.total) / 1e6:.0f} MB above our page; of these "
        + ", ".join(f"{kind} {(peak.pss.get(kind, 0) - watch.baseline.pss.get(kind, 0)) / 1e6:.0f}" for kind in kinds)
    )
    page.context.close()
    return after


def _cancelled(browser: Browser, stack: Stack, source: Path) -> None:
    session = f"bench-{secrets.token_hex(4)}"
    page = browser.new_context().new_page()
    _open(page, stack, session)
    _choose(page, source)
    _await_middle(page)
    began = time.monotonic()
    page.locator("[data-action=cancel-file]").click()
    page.locator("[data-phase=ready]:visible").wait_for()
    rows = page.evaluate(_ROWS)
    print(
        f"cancelled after {time.monotonic() - began:.1f} s: {rows} rows,"
        f" {len(stack.objects(f'film/{session}/'))} objects"
    )
    page.context.close()


def _crashed(victim: Victim, stack: Stack, source: Path, folder: Path) -> None:
    session = f"bench-{secrets.token_hex(4)}"
    page = victim.context.new_page()
    _open(page, stack, session)
    _choose(page, source)
    _await_middle(page)
    rows_before = page.evaluate(_ROWS)
    victim.kill(Kill.BROWSER)
    page = victim.context.new_page()
    page.goto(stack.base_url + PLAIN)
    rows_on_disk = page.evaluate(_ROWS)
    _open(page, stack, session)
    rows = page.evaluate(_ROWS)
    print(
        f"crashed   {rows_before} rows before, {rows_on_disk} on disk, after the reload {rows} rows,"
        f" {len(stack.objects(f'film/{session}/'))} objects, {len(stack.open_uploads(f'film/{session}/'))} open uploads"
    )
    _choose(page, source)
    _await_stored(page)
    _say_stored("again", stack, session, folder)
    victim.close()


def _open(page: Page, stack: Stack, session: str) -> None:
    page.goto(stack.ticket_link(session=session, interview="film"))
    page.locator("body:not(:has(#boot)) [data-action=begin-without]").click(timeout=READY_MS)
    page.locator("[data-file]:visible").wait_for()


def _choose(page: Page, source: Path) -> None:
    page.locator("[data-file] input").set_input_files(source)


def _await_stored(page: Page) -> None:
    page.locator("[data-question=film] [data-track=video][data-state=completed]").wait_for(timeout=WHOLE_S * 1000)


def _await_middle(page: Page) -> None:
    deadline = time.monotonic() + WHOLE_S
    while page.evaluate(_SHARE) < MIDDLE * 100:
        if time.monotonic() > deadline:
            raise TimeoutError("the film is not encoded as far as its middle")
        page.wait_for_timeout(LOOK_MS)  # the page's own policy forbids `wait_for_function`


def _browsers_process(name: str) -> int:
    """Return the browser's first process, which Playwright has started."""
    for pid in descendants(os.getpid()):
        program = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[0].decode()
        if Path(program).name in PROGRAMS[name]:
            return pid
    raise RuntimeError(f"no {name} is running")


def _made(folder: Path, kind: films.Format) -> Path:
    path = folder / f"film.{kind.container}"
    films.write(path, kind, duration_s=FILM_S)
    return path


def _say_stored(when: str, stack: Stack, session: str, folder: Path) -> films.Film:
    key = next(key for key in stack.objects(f"film/{session}/") if "/video." in key)
    target = folder / f"{session}{Path(key).suffix}"
    target.write_bytes(stack.read(key))
    film = films.read(target)
    _say(when, target.stat().st_size, film)
    return film


def _say(when: str, size: int, film: films.Film) -> None:
    width, height = film.size
    print(
        f"{when:9} {size / 1e6:.1f} MB, {width}x{height}, {film.frames} frames ({film.failed} broken), "
        f"picture {film.picture_s:.3f} s, sound {film.sound_s:.3f} s, tone at most {film.offset_s * 1000:.0f} ms off"
    )


def _ms(after: films.Film, before: films.Film) -> str:
    return f"{(after.picture_s - before.picture_s) * 1000:+.0f}"


if __name__ == "__main__":
    typer.run(main)
