"""What the page's start is compared with: a blank page, Pyodide alone, and PyScript with pydantic in the stock way.

All are served by the server's own file handler, compressed by the build's own compressor: only the pages differ.
"""

import hashlib
import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from server.build import fetch
from server.build.precompress import SMALLEST, precompress
from server.http.static_files import PageFiles
from server.settings import ROOT
from server.store.embedded import free_port

READY = "[data-ready]:not([disabled])"
LEFT_OUT = ("micropip",)  # the lock file resolves: stock PyScript's fastest way

_BLANK = "<!doctype html><title>Blank</title><button data-ready>Record</button>"
_PYODIDE = """<!doctype html><title>Pyodide</title><body><script type="module">
  import { loadPyodide } from "./pyodide/pyodide.mjs";
  await loadPyodide();
  document.body.insertAdjacentHTML("beforeend", "<button data-ready>Record</button>");
</script>"""
_PLAIN = """<!doctype html><title>PyScript and pydantic</title>
<link rel="stylesheet" href="./pyscript/core.css"><script type="module" src="./pyscript/core.js"></script>
<body><button data-ready disabled>Record</button><script type="py" src="./main.py" config="./pyscript.toml"></script>"""
_CONFIG = """interpreter = "./pyodide/pyodide.mjs"
packages = ["pydantic"]
packages_cache = "passthrough"
"""
_MAIN = """from pydantic import BaseModel
from pyscript import document

class Question(BaseModel):
    id: str
    prompt: str
    limit_s: int = 60

Question.model_validate_json('{"id": "talk", "prompt": "Talk."}')
document.querySelector("[data-ready]").disabled = False
"""


@contextmanager
def serving_plain_pages(folder: Path) -> Iterator[dict[str, str]]:
    """Serve the pages from `folder` (empty) inside the block; yield name → address."""
    pages = {"blank": _BLANK, "pyodide": _PYODIDE, "plain": _PLAIN}
    _lay_out(folder / "static")
    for name, text in pages.items():
        (folder / f"static/{name}.html").write_text(text)
    port = free_port()
    files = Starlette(routes=[Mount("/", PageFiles(folder))])
    server = uvicorn.Server(uvicorn.Config(files, port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, name="plain-pages")
    thread.start()
    try:
        yield {name: f"http://127.0.0.1:{port}/static/{name}.html" for name in pages}
    finally:
        server.should_exit = True
        thread.join()


def _lay_out(static: Path) -> None:
    modules = ROOT / "node_modules"
    shutil.copytree(
        modules / "@pyscript/core/dist", static / "pyscript", ignore=shutil.ignore_patterns("*.map", "*.d.ts")
    )
    pyodide = static / "pyodide"
    pyodide.mkdir()
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        shutil.copyfile(modules / "pyodide" / name, pyodide / name)
    lock = json.loads((modules / "pyodide/pyodide-lock.json").read_text())
    wheels = [wheel for wheel in fetch.wheels(ROOT, print) if not wheel.name.startswith(LEFT_OUT)]
    lock["packages"] = dict(_locked(wheel, [_name(other) for other in wheels]) for wheel in wheels)
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock))
    for wheel in wheels:
        shutil.copyfile(wheel, pyodide / wheel.name)
    (static / "pyscript.toml").write_text(_CONFIG)
    (static / "main.py").write_text(_MAIN)
    precompress([file for file in static.rglob("*") if file.is_file()], ROOT / ".build/compressed", SMALLEST)


def _name(wheel: Path) -> str:
    return wheel.name.split("-")[0].replace("_", "-")


def _locked(wheel: Path, names: list[str]) -> tuple[str, dict[str, object]]:
    """Return a wheel's entry of the lock file; pydantic depends on all others."""
    name = _name(wheel)
    with zipfile.ZipFile(wheel) as files:
        imports = sorted(
            {entry.split("/")[0].removesuffix(".py") for entry in files.namelist() if ".dist-" not in entry}
        )
    return name, {
        "name": name,
        "version": wheel.name.split("-")[1],
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": imports,
        "depends": [other for other in names if other != name] if name == "pydantic" else [],
        "unvendored_tests": False,
    }
