"""Run scripts inside the page's own Python, under Node: compile what the page loads, resolve its packages."""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from server.build.errors import BuildError
from server.build.fetch import run

INSIDE = Path(__file__).parent / "inside"


@dataclass(frozen=True, slots=True)
class Archive:
    """One stored archive to compile."""

    sources: tuple[Path, ...]  # zip files
    target: Path
    shown_under: str = ""  # what tracebacks show before a file's name
    optimize: int = 0  # 2: without asserts; docstrings are left out anyway
    tells_missing: bool = False  # whether it lists the modules that are in none of the archives


class PagePython:
    def __init__(self, node: str, pyodide: Path) -> None:
        self._node = node
        self.pyodide = pyodide

    def compile(self, archives: list[Archive], roots: Sequence[str] = (), left_out: str = "") -> None:
        """Byte-compile `archives` with the Python that will load them.

        They get what importing `roots` can lead to without a module that matches `left_out`; without roots, everything.
        Raises BuildError if a root is left out.
        """
        order = {"archives": [asdict(archive) for archive in archives], "roots": roots, "left_out": left_out}
        self.run(INSIDE / "compile.py", order | {"inside": INSIDE})

    def resolve(self, packages: tuple[str, ...], wheels: list[Path], scratch: Path) -> dict[str, str]:
        """Return name → version of what micropip installs for `packages`, if only `wheels` are available."""
        target = scratch / "resolved.json"
        micropip = next((wheel for wheel in wheels if wheel.name.startswith("micropip-")), None)
        if micropip is None:
            raise BuildError("requirements/browser.in must name micropip: it resolves the other packages")
        with _index(wheels, scratch) as index:
            order = {"micropip": micropip, "packages": packages, "index": [index], "target": target}
            self.run(INSIDE / "resolve.py", order)
        resolved: dict[str, str] = json.loads(target.read_text())
        return resolved

    def run(self, script: Path, argument: object, stdlib: Path | None = None) -> None:
        """Run `script` with `argument` as JSON; `stdlib` is the archive to start from, None for Pyodide's own.

        Raises BuildError with the end of its traceback if it fails.
        """
        command = [self._node, str(INSIDE / "run.mjs"), str(self.pyodide), str(script)]
        command.append(json.dumps(argument, default=str))
        run([*command, *([str(stdlib)] if stdlib else [])], f"{script.name} inside the page's Python", INSIDE)


@contextmanager
def _index(wheels: list[Path], folder: Path) -> Iterator[str]:
    """Serve `wheels` as a package index on this machine inside the block; yield the address for micropip."""
    for wheel in wheels:
        page = folder / "index" / wheel.name.split("-")[0].replace("_", "-").lower() / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        (page.parent / wheel.name).write_bytes(wheel.read_bytes())
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        page.write_text(f'<!doctype html><a href="{wheel.name}#sha256={digest}">{wheel.name}</a>')
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder / "index"))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/{{package_name}}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Log nothing: the build reports what it does."""
