"""What a reviewer opens from the disk: every file plays and can be sought in, and the page needs nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from server.archive.contents import Contents
from server.archive.export.export import Export
from server.archive.export.links import Links
from server.settings import Settings
from server.signer.interviews import Interviews
from server.store.access import open_storage
from server.store.embedded import BUCKET
from server.store.storage import Storage
from tests.conftest import Browsers
from tests.support.files import INTERVIEWS
from tests.support.players import faults_of
from tests.support.real_recordings import record
from tests.support.reviewing import Sitting, put_below, write_sitting
from tests.support.states.looks import AXE, axe

WORST = "<img src=https://evil.example/x onerror=alert(1)>"


@pytest.fixture(scope="module")
def storage(browsers: Browsers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Three sessions with every kind of file that the two browsers record."""
    data, media = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("media")
    put = put_below(data / BUCKET)
    for number, name in enumerate(("chromium", "firefox")):
        made = record(browsers.get(name), name, media, duration_s=2)
        files = {f"q{at}/{track}": file for track, given in made.items() for at, file in enumerate(given)}
        write_sitting(put, Sitting(f"s-{number}", name=WORST, media=files, texts={"words": f"Two\nlines {WORST}"}))
    write_sitting(put, Sitting("s-2", interview="spoken", name="فاطمة", is_submitted=False))
    with open_storage(Settings(data=data), "http://127.0.0.1", store_port=0) as running:
        yield running


def _exported(storage: Storage, target: Path, links: Links | None) -> Path:
    interviews = Interviews(INTERVIEWS)
    sessions = Contents(storage, pytest.fail).sessions()
    export = Export(storage, target, links, lambda name: interviews.get(name) if name == "spoken" else None)
    assert export.run(sessions, lambda shown: None).problems == ()
    return target / "index.html"


@pytest.fixture(scope="module")
def page_file(storage: Storage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _exported(storage, tmp_path_factory.mktemp("out"), None)


def test_every_file_plays_and_seeks(browsers: Browsers, browser_name: str, page_file: Path):
    page = browsers.get(browser_name).new_page()
    page.goto(page_file.as_uri())

    count, faults = faults_of(page)

    assert (count, faults) == (7, [])
    page.close()


def test_links_play_from_the_bucket(browsers: Browsers, browser_name: str, storage: Storage, tmp_path: Path):
    page = browsers.get(browser_name).new_page()
    page.goto(_exported(storage, tmp_path / "out", Links.for_hours(storage, 1)).as_uri())

    played = page.evaluate(
        """() => Promise.all([...document.querySelectorAll("video, audio")].map((media) => new Promise((done) => {
             media.addEventListener("loadeddata", () => done(true));
             media.addEventListener("error", () => done(false));
             media.preload = "auto";
             media.load();
           })))"""
    )

    assert played == [True] * 7
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_axe_finds_nothing_and_nothing_is_asked_of_the_network(
    browsers: Browsers, page_file: Path, width: int, scheme: Literal["light", "dark"]
):
    context = browsers.get("chromium").new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=True,  # for axe
    )
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(page_file.as_uri())
    page.add_script_tag(path=str(AXE))

    assert axe(page) == []
    assert [url for url in requests if not url.startswith(page_file.parent.as_uri())] == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert page.get_by_role("heading", name=WORST).count() == 2, "a name is text"
    context.close()


def test_on_paper_the_names_of_the_files_stand_in_place_of_players(browsers: Browsers, page_file: Path):
    page = browsers.get("chromium").new_page()
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")

    assert not page.locator("video").first.is_visible()
    assert page.get_by_text("trial/s-0/").first.is_visible()
    page.close()
