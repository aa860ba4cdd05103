"""Rebuild static/vendor/ when its inputs have changed, and replace it as a whole."""

import fcntl
import shutil
import time
from pathlib import Path

from server.build import appcode, catalogues, fetch, manifest, messages, pageconfig, runtime
from server.build.pagepython import PagePython
from server.build.precompress import COMPRESSED, QUICK, precompress

ROOT = Path(__file__).parents[2]


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def build(root: Path = ROOT, *, quality: int = QUICK) -> None:
    """Bring static/vendor/ up to date, compressed with at least `quality`; do nothing if its inputs are the same.

    Raises BuildError if something cannot be downloaded or does not fit together.
    """
    (root / ".build").mkdir(exist_ok=True)
    with (root / ".build/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # `make serve` beside `make test`: the second waits, then finds it built
        _build(root, quality)


def _build(root: Path, quality: int) -> None:
    vendor = root / pageconfig.VENDOR
    digests = runtime.digest(root), appcode.digest(root), messages.digest(root)
    there = manifest.read(vendor)
    if there and not manifest.is_whole(vendor, there):
        there = None
    if there and (there.runtime, there.app, there.locales) == digests and there.quality >= quality:
        return
    print("Building the page's runtime in static/vendor/", flush=True)
    began = time.monotonic()
    scratch = root / ".build/scratch"
    scratch.mkdir(exist_ok=True)
    coming = root / ".build/vendor"
    shutil.rmtree(coming, ignore_errors=True)
    modules = fetch.npm_packages(root, say)
    page_python = PagePython(fetch.node(root, say)[0], modules / "pyodide")
    if there and there.runtime == digests[0]:
        shutil.copytree(
            vendor, coming, ignore=shutil.ignore_patterns("manifest.json", *(f"*{end}" for end in COMPRESSED))
        )
        quality = max(quality, there.quality)
    else:
        coming.mkdir()
        runtime.lay_out(root, coming, scratch, page_python, say)
    say("Compiling app/")
    appcode.compile_app(root, coming, scratch, page_python)
    catalogues.compile_all(root, coming / "locales")
    say("Compressing")
    precompress([path for path in coming.rglob("*") if path.is_file()], root / ".build/compressed", quality)
    manifest.write(coming, *digests, quality)
    shutil.rmtree(vendor, ignore_errors=True)
    coming.rename(vendor)
    listed = {path.removeprefix("./") for path in pageconfig.read(root).files}
    if listed != set(pageconfig.app_files(root)):
        say("Note: pyscript.toml does not list app/ as it is; `make files` writes the list")
    say(f"Done in {time.monotonic() - began:.1f} s")
