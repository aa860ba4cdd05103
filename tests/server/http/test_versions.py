"""Addresses with versions: kept for ever as long as they are current, and never with another content."""

import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from server.http.static_files import PageFiles
from tests.support import loop

FOR_EVER = "public, max-age=31536000, immutable"
PAGE = '<link href="./static/a.css"><link href="./static/vendor/stdlib.zip"><meta content="./api/">'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "static/vendor").mkdir(parents=True)
    (tmp_path / "app").mkdir()
    for name in ("static/a.css", "static/vendor/stdlib.zip", "app/x.py"):
        (tmp_path / name).write_text("1")
    (tmp_path / "index.html").write_text(PAGE)
    return tmp_path


def addresses(root: Path) -> list[str]:
    return re.findall(r'="\.(/[^"]*static[^"]*)', get(root, "/index.html").text)


def get(root: Path, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=Starlette(routes=[Mount("/", PageFiles(root))]))
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            return await client.get(path)

    return loop.run(ask())


def test_address_in_the_page_is_kept_for_ever(root: Path):
    replies = [get(root, address) for address in addresses(root)]

    assert [(reply.status_code, reply.headers["cache-control"]) for reply in replies] == [(200, FOR_EVER)] * 2


@pytest.mark.parametrize("changed", ["static/a.css", "app/x.py"])
def test_changed_file_gets_another_address_and_is_not_kept_under_the_old_one(root: Path, changed: str):
    style, runtime = addresses(root)
    (root / changed).write_text("changed")

    assert addresses(root)[0] != style
    assert addresses(root)[1] == runtime, "a change of the page's own files brings Python anew"
    old = get(root, style)
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")


def test_same_files_have_the_same_addresses_on_every_server(root: Path, tmp_path_factory: pytest.TempPathFactory):
    other = tmp_path_factory.mktemp("other")
    for path in sorted(root.rglob("*")):
        if path.is_dir():
            (other / path.relative_to(root)).mkdir()
        else:
            (other / path.relative_to(root)).write_bytes(path.read_bytes())

    assert addresses(other) == addresses(root)


@pytest.mark.parametrize(
    "path",
    [
        "/~0123456789abcdef/index.html",
        "/~0123456789abcdef/app/x.py",
        "/~0123456789abcdef/static/interviews/demo.toml",
        "/~0123456789abcdef/static/../serve.py",
        "/~0123456789abcde/static/a.css",
    ],
)
def test_version_opens_nothing_that_is_not_served_without_one(root: Path, path: str):
    assert get(root, path).status_code == 404


def test_file_without_a_version_is_asked_for_each_time(root: Path):
    assert get(root, "/static/a.css").headers["cache-control"] == "no-cache"
