"""The arrows of the design: who may import whom. Fails when an arrow is added."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
JAVASCRIPT = {"js", "pyodide", "pyodide_js", "pyscript", "_pyodide"}
# The core decides from what it is given: no clock, no chance, nothing to wait for.
IMPURE = {"asyncio", "time", "random", "secrets", "threading", "socket", "subprocess", "os", "io", "pathlib", "uuid"}


def layer(module: str) -> str:
    """Return the layer of one of our modules, or the top package's name of a foreign one."""
    parts = module.split(".")
    if parts[0] == "serve":
        return "server"
    if parts[0] != "app":
        return parts[0]
    if len(parts) == 1 or parts[1] == "contract":
        return "contract"
    if parts[1:] == ["browser", "interop"]:
        return "interop"
    if parts[1] in {"core", "browser", "page", "main"}:
        return parts[1]
    return "drivers"


# layer → the layers of ours that it may import, beside itself
ARROWS = {
    "contract": set[str](),
    "core": {"contract"},
    "drivers": {"core", "contract"},
    "interop": {"core", "contract"},  # the one set of helpers at the JavaScript edge, for browser and page
    "browser": {"core", "contract", "interop"},
    "page": {"core", "contract", "interop"},
    "main": {"core", "contract", "drivers", "interop", "browser", "page"},
    "server": {"contract"},
}


def imported(module: str, source: str, *, is_package: bool = False) -> set[str]:
    """Return the full names of what a module imports, wherever the import stands."""
    package = module if is_package else module.rpartition(".")[0]
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            # `from app import browser` names a module; `from app.core.parts import Part` a name in one.
            names |= {f"{base}.{alias.name}" for alias in node.names} if base in {"app", "server"} else {base}
    return names


def complaints(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """Return what a module imports and may not."""
    own = layer(module)
    return [
        f"{module} ({own}) imports {name}"
        for name in sorted(imported(module, source, is_package=is_package))
        if not is_allowed(own, name)
    ]


def is_allowed(own: str, name: str) -> bool:
    wanted = layer(name)
    if wanted in ARROWS:
        return wanted == own or wanted in ARROWS[own]
    if wanted in JAVASCRIPT:
        return own in {"interop", "browser", "page"}
    if own == "server" or (own != "core" and wanted in sys.stdlib_module_names):
        return True
    if own == "core" and wanted in IMPURE:
        return False
    return wanted in sys.stdlib_module_names or wanted == "pydantic"


def modules() -> dict[str, Path]:
    paths = [path for folder in ("app", "server") for path in (ROOT / folder).rglob("*.py")]
    # server/build/inside/ holds scripts that the build runs in the page's own Python: no part of the server.
    paths = [path for path in paths if "inside" not in path.parts]
    named = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    return {name.removesuffix(".__init__"): path for path, name in named.items()}


@pytest.mark.parametrize("module", modules())
def test_module_imports_only_what_its_layer_may(module):
    path = modules()[module]

    assert complaints(module, path.read_text("utf-8"), is_package=path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("app.core.retry", "import random"),
        ("app.core.retry", "import asyncio"),
        ("app.core.retry", "def later():\n    from time import monotonic"),
        ("app.core.retry", "import js"),
        ("app.core.retry", "import httpx"),
        ("app.core.retry", "from app.browser.transport import Transport"),
        ("app.core.retry", "from app import uploader"),
        ("app.core.retry", "from ..browser import transport"),
        ("app.contract", "from app.core.parts import Part"),
        ("app.uploader", "from app.browser import transport"),
        ("app.uploader", "from pyodide.ffi import create_proxy"),
        ("app.session", "from app.page.dom import element"),
        ("app.session", "from app import main"),
        ("app.browser.journal", "from app.page.dom import element"),
        ("app.browser.journal", "from app.uploader import Uploader"),
        ("app.page.submit", "from app.browser.transport import Transport"),
        ("app.browser.interop", "from app.browser.transport import Transport"),
        ("app.page.submit", "from app.session import Session"),
        ("app.main", "import js"),
        ("app.main", "from server.settings import Settings"),
        ("server.api", "from app.core.parts import Part"),
        ("server.api", "import app.uploader"),
    ],
)
def test_forbidden_import_is_found(module, source):
    assert complaints(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("app.core.retry", "from dataclasses import dataclass\nfrom pydantic import BaseModel"),
        ("app.core.retry", "from app.contract import Track\nfrom app.core.parts import Part"),
        ("app.core.retry", "from .parts import Part"),
        ("app.uploader", "import asyncio\nfrom app.core.parts import Part\nfrom app.recording import Recording"),
        (
            "app.browser.transport",
            "import js\nfrom pyodide.ffi import create_proxy\nfrom app.core.ports import Transport",
        ),
        ("app.page.submit", "from pyscript import document\nfrom app.browser.interop import Listeners"),
        ("app.main", "from app.page.submit import SubmitView\nfrom app.browser.journal import Journal"),
        ("server.api", "import fastapi\nfrom app.contract import Ticket\nfrom server.settings import Settings"),
    ],
)
def test_allowed_import_passes(module, source):
    assert complaints(module, source) == []


def test_walk_finds_our_modules():
    assert {"app.contract", "app.core.parts", "server.build"} <= set(modules())
