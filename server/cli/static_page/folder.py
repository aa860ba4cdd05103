"""The page as a folder that any web server can serve, for a signer at an address of its own."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from server.build.precompress import COMPRESSED, precompress
from server.cli.static_page.rules import HeaderRules, caddy_rules, headers_file, nginx_rules
from server.http.security_headers import security_headers
from server.http.static_files import FOR_EVERYBODY, is_public, page_of
from server.http.versions import Versions
from server.settings import SettingsError

_HOST_PAGE = ("static/host.html", "static/host/")  # the trial host page, which `serve` prints a link to
_NOT_ASKED_FOR = (*COMPRESSED, "manifest.json", ".po", ".py")  # what the build has made other files of
_RULES = {"_headers": headers_file, "_nginx.conf": nginx_rules, "_caddy.conf": caddy_rules}


@dataclass(frozen=True, slots=True)
class StaticPage:
    """What a page needs to know that is served without its signer. Every address is an origin."""

    signer: str
    stores: tuple[str, ...]  # and gateways before them
    hosts: tuple[str, ...]  # that may embed the page


def write_folder(root: Path, target: Path, page: StaticPage, quality: int) -> None:
    """Write the page to `target`; folders of earlier versions stay, for pages that are open. Raises SettingsError.

    `quality` is that of the Brotli compression. index.html comes last: it names files that are there by then.
    """
    _check(root, target)
    versions = Versions(root)
    placed = [_copied(root / name, target / place) for name, place in _places(root, versions)]
    index = target / "index.html"
    coming = index.with_name("index.html.coming")
    coming.write_text(page_of(root / "index.html", versions, page.hosts, page.signer), "utf-8")
    precompress(placed, root / ".build/compressed", quality)
    _write_rules(target, page)
    coming.replace(index)


def _check(root: Path, target: Path) -> None:
    if target.resolve().is_relative_to((root / "static").resolve()):
        raise SettingsError(f"{target} is among the files that would be copied. Name a folder outside static/.")
    is_ours = (target / "_headers").is_file() and (target / "index.html").is_file()
    if target.exists() and not is_ours and any(target.iterdir()):
        raise SettingsError(f"{target} holds other files. Name an empty folder, or one that was built by this command.")
    target.mkdir(parents=True, exist_ok=True)


def _places(root: Path, versions: Versions) -> Iterator[tuple[str, str]]:
    """Yield each file that a browser may ask for, and its place: under its version, or where host pages expect it."""
    address = versions.addresses()
    for path in sorted((root / "static").rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or name.endswith(_NOT_ASKED_FOR) or not is_public(PurePosixPath(name)):
            continue
        is_fixed = name in FOR_EVERYBODY or name.startswith(_HOST_PAGE)
        yield name, name if is_fixed else address(name)


def _copied(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    for ending in COMPRESSED:  # an earlier version's
        target.with_name(target.name + ending).unlink(missing_ok=True)
    shutil.copyfile(source, target)
    return target


def _write_rules(target: Path, page: StaticPage) -> None:
    connects: Sequence[str] = (page.signer, *page.stores)
    versions = sorted(path.name for path in target.glob("~*") if path.is_dir())
    headers = security_headers(connects, page.hosts, is_tls=page.signer.startswith("https:"))
    rules = HeaderRules(dict(headers.headers), tuple(versions))
    for name, write in _RULES.items():
        (target / name).write_text(write(rules), "utf-8")
