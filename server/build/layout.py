"""static/vendor/: what stands there, when it is made anew, and what a change of app/ means while developing."""

import fcntl
import hashlib
import io
import json
import shutil
import time
import zipfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from server.build import fetch, pageconfig
from server.build.errors import BuildError
from server.build.pagepython import Archive, PagePython
from server.build.precompress import COMPRESSED, precompress

ROOT = Path(__file__).parents[2]

# From npm, as they are. PyScript's other files are editors, terminals and games; the error plugin it loads even when it
# is told not to show errors on the page.
FROM_NPM = {
    "pyodide": ["pyodide/pyodide.mjs", "pyodide/pyodide.asm.mjs", "pyodide/pyodide.asm.wasm"],
    "pyscript": [
        "@pyscript/core/dist/core.js",
        "@pyscript/core/dist/core-*.js",
        "@pyscript/core/dist/core.css",
        "@pyscript/core/dist/error-*.js",
    ],
}
IDB = "idb/build/index.js"

# The standard library without what a page cannot use: other front ends, servers, processes, tests, tools. It halves
# what a candidate downloads. tests/test_build.py imports what app/, pydantic and micropip need from what is left.
STDLIB_LEFT_OUT = (
    r"^(_pyrepl|compression/_common/tests|concurrent/interpreters|curses|dbm|distutils|ensurepip|idlelib|lib2to3|multiprocessing|"
    r"pydoc_data|sqlite3|test|tkinter|turtledemo|unittest|venv|wsgiref|xmlrpc|xml/(dom|sax|etree)|profiling|pathlib/_local_tests)/"
    r"|^(_aix_support|_android_support|_apple_support|_ios_support|_osx_support|antigravity|bdb|cProfile|cmd|code|compileall|doctest|ftplib|"
    r"imaplib|mailbox|modulefinder|nturl2path|pdb|pickletools|poplib|profile|pstats|pty|pyclbr|pydoc|rlcompleter|smtplib|socketserver|"
    r"tabnanny|this|trace|tracemalloc|turtle|webbrowser|zipapp)\.py$"
    r"|^encodings/(?!__init__|aliases|ascii|latin_1|utf_8|utf_8_sig|utf_16|utf_16_le|utf_16_be|idna|punycode|cp437|raw_unicode_escape|"
    r"unicode_escape|hex_codec|base64_codec|undefined)[a-z0-9_]+\.py$"
)
SITE_LEFT_OUT = r"\.pyi$|^pydantic/(v1/|mypy\.py)|^pydantic/_hypothesis|/(RECORD|WHEEL|INSTALLER)$|/licenses/|/tests?/"


class Manifest(BaseModel):
    """manifest.json: what static/vendor/ was made of, and what stands in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    runtime: str  # digest of everything but app/ that the build reads
    app: str  # digest of app/**/*.py
    files: dict[str, str]  # path → SHA-256
    sizes: dict[str, int]  # path → bytes


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def build(root: Path = ROOT) -> None:
    """Bring static/vendor/ up to date; do nothing where its inputs are the same.

    Raises BuildError: something cannot be brought or does not fit together.
    """
    (root / ".build").mkdir(exist_ok=True)
    with (root / ".build/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # `make serve` beside `make test`: the second waits, and finds it done
        _build(root)


def _build(root: Path) -> None:
    vendor = root / pageconfig.VENDOR
    runtime, app = _runtime_digest(root), _app_digest(root)
    there = _manifest(vendor)
    is_whole = there is not None and _is_whole(vendor, there)
    if there and is_whole and (there.runtime, there.app) == (runtime, app):
        return
    print("Building the page's runtime in static/vendor/", flush=True)
    began = time.monotonic()
    config = pageconfig.read(root)
    modules = fetch.npm_packages(root, say)
    page_python = PagePython(fetch.node(root, say)[0], modules / "pyodide")
    coming = root / ".build/vendor"  # laid out beside, then put in place whole
    shutil.rmtree(coming, ignore_errors=True)
    if there and is_whole and there.runtime == runtime:
        shutil.copytree(vendor, coming)
    else:
        coming.mkdir(parents=True)
        _lay_out_runtime(root, coming, config, modules, page_python)
    _compile_app(root, coming, page_python)
    say("Compressing")
    _compress(root, coming)
    _write_manifest(coming, runtime, app)
    shutil.rmtree(vendor, ignore_errors=True)
    coming.rename(vendor)
    listed = {path.removeprefix("./") for path in config.files}
    if listed != set(pageconfig.app_files(root)):
        say("Note: pyscript.toml does not list app/ as it is; `make files` writes the list")
    say(f"Done in {time.monotonic() - began:.1f} s")


def app_archive(root: Path = ROOT) -> bytes | None:
    """Return app/ as an archive of sources if it has changed since the build, so that a reload shows it.

    None: the compiled static/vendor/app.zip is up to date; send that.
    """
    there = _manifest(root / pageconfig.VENDOR)
    if there and there.app == _app_digest(root):
        return None
    return _app_sources(root)


def _lay_out_runtime(
    root: Path, vendor: Path, config: pageconfig.PageConfig, modules: Path, page_python: PagePython
) -> None:
    for folder, patterns in FROM_NPM.items():
        (vendor / folder).mkdir()
        for pattern in patterns:
            found = [path for path in modules.glob(pattern) if path.suffix != ".map"]
            if not found:
                raise BuildError(f"node_modules has no {pattern}: its package has changed")
            for path in found:
                shutil.copyfile(path, vendor / folder / path.name)
    shutil.copyfile(modules / IDB, vendor / "idb.js")
    # Our packages come in an archive, so the page's Python needs the frame of its lock file alone.
    lock = json.loads((modules / "pyodide/pyodide-lock.json").read_text())
    (vendor / "pyodide/pyodide-lock.json").write_text(json.dumps(lock | {"packages": {}}))
    (vendor / "pyscript.json").write_text(json.dumps(config.frozen()))

    wheels = fetch.wheels(root, say)
    say("Resolving the page's packages (micropip)")
    resolved = page_python.resolve(config.packages, wheels, _scratch(root))
    pinned = pageconfig.pins((root / "requirements/browser.txt").read_text())
    if resolved != pinned:
        raise BuildError(f"micropip resolves {resolved}, but requirements/browser.txt pins {pinned}: `make lock`")
    say("Compiling the standard library and " + ", ".join(f"{name} {pinned[name]}" for name in sorted(pinned)))
    stdlib = Archive(
        (modules / "pyodide/python_stdlib.zip",), vendor / "stdlib.zip", STDLIB_LEFT_OUT, "/lib/python3.14/", optimize=2
    )
    site = Archive(tuple(wheels), vendor / "site.zip", SITE_LEFT_OUT, "site-packages/", optimize=2)
    page_python.compile([stdlib, site])


def _compile_app(root: Path, vendor: Path, page_python: PagePython) -> None:
    say("Compiling app/")
    sources = _scratch(root) / "app.zip"
    sources.write_bytes(_app_sources(root))
    page_python.compile([Archive((sources,), vendor / "app.zip")])


def _compress(root: Path, vendor: Path) -> None:
    everything = [path for path in vendor.rglob("*") if path.is_file()]
    for path in everything:
        if path.suffix in COMPRESSED or path.name == "manifest.json":
            path.unlink()  # of what was there before
    precompress([path for path in everything if path.exists()], root / ".build/compressed")


def _app_sources(root: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in pageconfig.app_files(root):
            archive.writestr(zipfile.ZipInfo(name), (root / name).read_bytes())
    return packed.getvalue()


def _scratch(root: Path) -> Path:
    folder = root / ".build/scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _app_digest(root: Path) -> str:
    return _digest(root, pageconfig.app_files(root))


def _runtime_digest(root: Path) -> str:
    code = sorted((root / "server/build").rglob("*.py")) + sorted((root / "server/build").rglob("*.mjs"))
    pins = ["package-lock.json", "requirements/browser.txt", "pyscript.toml"]
    return _digest(root, pins + [path.relative_to(root).as_posix() for path in code])


def _digest(root: Path, names: list[str]) -> str:
    whole = hashlib.sha256()
    for name in names:
        whole.update(f"{name}\0{hashlib.sha256((root / name).read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _manifest(vendor: Path) -> Manifest | None:
    try:
        return Manifest.model_validate_json((vendor / "manifest.json").read_bytes())
    except (OSError, ValidationError):
        return None  # none, or of another version: build


def _is_whole(vendor: Path, manifest: Manifest) -> bool:
    """Look at sizes alone: a start should not read 40 MB. The tests compare the digests."""
    return all(
        (vendor / name).is_file() and (vendor / name).stat().st_size == size for name, size in manifest.sizes.items()
    )


def _write_manifest(vendor: Path, runtime: str, app: str) -> None:
    names = sorted(
        p.relative_to(vendor).as_posix() for p in vendor.rglob("*") if p.is_file() and p.name != "manifest.json"
    )
    files = {name: hashlib.sha256((vendor / name).read_bytes()).hexdigest() for name in names}
    sizes = {name: (vendor / name).stat().st_size for name in names}
    manifest = Manifest(runtime=runtime, app=app, files=files, sizes=sizes)
    (vendor / "manifest.json").write_text(manifest.model_dump_json(indent=1))
