"""Everything in static/vendor/ except our own code: the page's Python, its library and its packages."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

from server.build import fetch, manifest, notice, pageconfig
from server.build.errors import BuildError
from server.build.fetch import Say
from server.build.library import LEFT_OUT, ROOTS, imported_by_app
from server.build.pagepython import Archive, PagePython

# Copied unchanged from npm. PyScript's other files are editors, terminals and games. PyScript loads its error plugin
# even if it is told not to show errors on the page.
FROM_NPM = {
    "pyodide": ["pyodide/pyodide.mjs", "pyodide/pyodide.asm.mjs", "pyodide/pyodide.asm.wasm"],
    "pyscript": [
        "@pyscript/core/dist/core.js",
        "@pyscript/core/dist/core-*.js",
        "@pyscript/core/dist/core.css",
        "@pyscript/core/dist/error-*.js",
    ],
}
EXTENSION = "pydantic_core.wasm"  # as static/boot/webassembly.mjs asks for it
IDB = "idb/build/index.js"
MEDIABUNNY = "mediabunny/dist/bundles/mediabunny.min.mjs"


def lay_out(root: Path, vendor: Path, scratch: Path, page_python: PagePython, say: Say) -> None:
    """Fill the empty folder `vendor`.

    Raises BuildError if something cannot be downloaded or does not fit together.
    """
    config = pageconfig.read(root)
    modules = page_python.pyodide.parent
    for folder, patterns in FROM_NPM.items():
        (vendor / folder).mkdir()
        for pattern in patterns:
            found = [path for path in modules.glob(pattern) if path.suffix != ".map"]
            if not found:
                raise BuildError(f"node_modules has no {pattern}: its package has changed")
            for path in found:
                shutil.copyfile(path, vendor / folder / path.name)
    shutil.copyfile(modules / IDB, vendor / "idb.js")
    shutil.copyfile(modules / MEDIABUNNY, vendor / "mediabunny.mjs")  # static/media/reencode.mjs imports it
    # Our packages come in an archive, so the page's Python needs its lock file without packages.
    lock = json.loads((modules / "pyodide/pyodide-lock.json").read_text())
    (vendor / "pyodide/pyodide-lock.json").write_text(json.dumps(lock | {"packages": {}}))
    (vendor / "pyscript.json").write_text(json.dumps(config.frozen()))

    wheels = fetch.wheels(root, say)
    say("Resolving the page's packages (micropip)")
    resolved = page_python.resolve(config.packages, wheels, scratch)
    pinned = pageconfig.pins((root / "requirements/browser.txt").read_text())
    if resolved != pinned:
        raise BuildError(f"micropip resolves {resolved}, but requirements/browser.txt pins {pinned}: `make lock`")
    say("Compiling the standard library and " + ", ".join(f"{name} {pinned[name]}" for name in sorted(pinned)))
    ours = _pack(scratch / "page_imports.zip", root / "static/boot", ["page_imports.py"])
    source = (
        modules / "@pyscript/core/src/stdlib"
    )  # PyScript brings the same as text, which Python would compile each time
    pyscript = _pack(scratch / "pyscript.zip", source, sorted(source.rglob("*.py")))
    library = (modules / "pyodide/python_stdlib.zip", ours)
    stdlib = Archive(library, vendor / "stdlib.zip", "/lib/python3.14/", optimize=2)
    site = Archive((*wheels, pyscript), vendor / "site.zip", "site-packages/", optimize=2, tells_missing=True)
    page_python.compile([stdlib, site], [*ROOTS, *imported_by_app(root)], LEFT_OUT)
    _copy_extension(wheels, vendor / EXTENSION)
    notice.write(modules, wheels, vendor / notice.NAME)


def _pack(target: Path, folder: Path, files: Iterable[str | Path]) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            archive.write(folder / file, (folder / file).relative_to(folder))
    return target


def _copy_extension(wheels: list[Path], target: Path) -> None:
    """Write the packages' one shared library to `target`: the browser compiles it while it downloads."""
    found = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as files:
            found += [files.read(name) for name in files.namelist() if name.endswith(".so")]
    if len(found) != 1:
        raise BuildError(f"the packages have {len(found)} shared libraries; static/boot/archives.mjs links one")
    target.write_bytes(found[0])


def digest(root: Path) -> str:
    """Return a digest of everything that the build reads; of app/, what it imports from elsewhere."""
    code = sorted((root / "server/build").rglob("*.py")) + sorted((root / "server/build").rglob("*.mjs"))
    pins = ["package-lock.json", "requirements/browser.txt", "pyscript.toml"]
    files = manifest.digest(
        root, [*pins, "static/boot/page_imports.py", *(str(path.relative_to(root)) for path in code)]
    )
    return hashlib.sha256("\n".join([files, *imported_by_app(root)]).encode()).hexdigest()
