"""A chosen video over its size is encoded again in the page: whole and in step, or nothing of it is stored."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support import films
from tests.support.page_driver import BOOT_TIMEOUT_MS, Candidate
from tests.support.settings import CHROMIUM
from tests.support.states.walks import ENDLESS_FILM

FILM_S = 4
IN_STEP_S = 0.02  # half a frame's time: nobody notices ten times as much
# What the journal has of the only recording, as one digest.
JOURNALLED = """
async (sitting) => {
  const database = await new Promise((resolve) => {
    indexedDB.open(`slipstream-${sitting}`).onsuccess = (event) => resolve(event.target.result);
  });
  const request = database.transaction("chunks").objectStore("chunks").getAll();
  const rows = await new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  database.close();
  const bytes = await new Blob(rows.map((row) => row.media ?? row)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
"""


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "film.webm"  # Debian's Firefox decodes no H.264
    films.write(path, films.WEBM, duration_s=FILM_S, size=(640, 360), bits_per_second=2_000_000)
    return path


def choose(candidate: Candidate, film: Path) -> None:
    candidate.question("film").locator("[data-file] input").set_input_files(film)


def open_question(candidate: Candidate) -> None:
    candidate.page.locator("[data-action=begin-without]").click(timeout=BOOT_TIMEOUT_MS)
    expect(candidate.question("film").locator("[data-file]")).to_be_visible()


def assert_is_whole_and_in_step(before: films.Film, after: films.Film) -> None:
    assert (after.frames, after.failed) == (before.frames, 0)
    assert after.picture_s == pytest.approx(before.picture_s, abs=0.02)
    assert after.sound_s == pytest.approx(before.sound_s, abs=0.05)
    assert (len(after.offsets_s), after.offset_s < IN_STEP_S) == (FILM_S - 1, True)


def test_large_video_is_stored_smaller_whole_and_in_step(sit_down, film, tmp_path):
    candidate = sit_down("shrunk")
    open_question(candidate)
    choose(candidate, film)
    expect(candidate.page.locator("[data-shrinking]")).to_be_visible()
    candidate.pause()
    expect(candidate.question("film").locator("[data-phase]")).to_have_attribute("data-phase", "taken")
    expect(candidate.question("film").locator("[data-strip]")).to_contain_text("Take 1 of 2")
    journalled = candidate.page.evaluate(JOURNALLED, candidate.sitting)
    candidate.resume()
    candidate.wait_for_state("film", "completed", track="video")
    candidate.submit()

    (answer,) = candidate.read_json("submission.json")["answers"]
    record = answer["tracks"]["video"]
    stored = candidate.stack.read(record["key"])
    assert hashlib.sha256(stored).hexdigest() == record["sha256"] == journalled
    assert (record["size"], record["prepared"], record["duration_s"]) == (
        len(stored),
        True,
        pytest.approx(FILM_S, abs=0.1),
    )
    assert len(stored) < film.stat().st_size / 2
    (result := tmp_path / Path(record["key"]).name).write_bytes(stored)
    before, after = films.read(film), films.read(result)
    assert after.size == before.size
    assert_is_whole_and_in_step(before, after)


def test_cancel_and_reload_in_the_middle_leave_nothing(sit_down, film):
    candidate = sit_down("shrunk", script=ENDLESS_FILM)
    open_question(candidate)
    choose(candidate, film)
    candidate.until(lambda: candidate.journal_rows()["chunks"] > 1, "some of the film is journalled")
    candidate.press("film", "cancel-file")
    expect(candidate.question("film").locator("[data-file]")).to_be_visible()
    expect(candidate.page.locator("[data-notice]:visible")).to_have_count(0)
    assert candidate.journal_rows() == {"chunks": 0, "facts": 0, "answers": 0}

    choose(candidate, film)
    candidate.until(lambda: candidate.journal_rows()["chunks"] > 1, "some of the film is journalled")
    candidate.page.reload()
    open_question(candidate)
    assert (candidate.journal_rows()["chunks"], candidate.objects(), candidate.open_uploads()) == (0, {}, {})


def test_without_webcodecs_the_candidate_is_told_that_it_is_too_large_or_goes_as_it_is(sit_down, film):
    candidate = sit_down("shrunk")
    candidate.watch.expect("is not made smaller: Error: no WebCodecs")
    open_question(candidate)
    candidate.page.evaluate("() => { delete globalThis.VideoEncoder; }")
    notices = candidate.page.locator("[data-notice]:visible")
    large = {"name": "large.webm", "mimeType": "video/webm", "buffer": film.read_bytes() + bytes(3_000_000)}
    candidate.question("film").locator("[data-file] input").set_input_files(large)
    expect(candidate.notice("file-stays-too-large")).to_contain_text("could not make the video small enough")
    expect(candidate.notice("file-stays-too-large")).to_contain_text("At most 3.0")
    assert (candidate.journal_rows()["chunks"], candidate.objects()) == (0, {})

    choose(candidate, film)
    expect(candidate.notice("file-sent-as-it-is")).to_contain_text("This browser could not make it smaller.")
    expect(notices).to_have_count(1)
    candidate.wait_for_state("film", "completed", track="video")
    expect(notices).to_have_count(1)
    assert candidate.stack.read(candidate.stored_record("film", "video")["key"]) == film.read_bytes()


@CHROMIUM
def test_half_a_film_is_no_answer(sit_down, tmp_path):
    whole = tmp_path / "whole.mp4"
    films.write(whole, films.MP4, duration_s=FILM_S, size=(640, 360), bits_per_second=2_000_000)
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(films.damaged(whole, from_s=FILM_S / 2))
    candidate = sit_down("shrunk")
    candidate.watch.expect("is not made smaller: ")
    open_question(candidate)
    choose(candidate, damaged)
    expect(candidate.notice("file-sent-as-it-is")).to_be_visible()
    candidate.wait_for_state("film", "completed", track="video")
    assert candidate.stack.read(candidate.stored_record("film", "video")["key"]) == damaged.read_bytes()


# What is small enough keeps its size, so MP4 may keep the rotation; the other is turned while it is scaled.
@pytest.mark.parametrize(("size", "shown"), [((640, 360), (360, 640)), ((1440, 810), (720, 1280))])
def test_upright_film_of_a_telephone_is_stored_upright(sit_down, browser_name, tmp_path, size, shown):
    # Telephones write the picture as the sensor lies, and how a player turns it. Debian's Firefox decodes no H.264.
    kind = films.MP4 if browser_name == "chromium" else films.MP4_VP9
    film = tmp_path / "film.mp4"
    films.write(film, kind, duration_s=FILM_S, size=size, bits_per_second=2_000_000, rotation=films.HELD_UPRIGHT)
    candidate = sit_down("shrunk")
    open_question(candidate)
    choose(candidate, film)
    candidate.wait_for_state("film", "completed", track="video")

    record = candidate.stored_record("film", "video")
    (result := tmp_path / f"stored-{Path(record['key']).name}").write_bytes(candidate.stack.read(record["key"]))
    assert result.stat().st_size < film.stat().st_size
    before, after = films.read(film), films.read(result)
    assert (before.shown_size, before.red) == (size[::-1], ("top right",))
    assert (after.shown_size, after.red) == (shown, ("top right",))
    assert_is_whole_and_in_step(before, after)
