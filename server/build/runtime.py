"""Everything in static/vendor/ except our own code: the page's Python, its library and its packages."""

import json
import shutil
from pathlib import Path

from server.build import fetch, manifest, pageconfig
from server.build.errors import BuildError
from server.build.fetch import Say
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
IDB = "idb/build/index.js"

# Left out of the standard library because a page cannot use it: other front ends, command lines, servers, processes,
# tests, tools. This halves what a candidate downloads. tests/build/test_build.py checks that what app/, pydantic and
# micropip import is still there.
STDLIB_LEFT_OUT = (
    r"^(_pyrepl|compression/_common/tests|concurrent/interpreters|curses|dbm|distutils|ensurepip|idlelib|lib2to3|multiprocessing|"
    r"pydoc_data|sqlite3|test|tkinter|turtledemo|unittest|venv|wsgiref|xmlrpc|xml/(dom|sax|etree)|profiling|pathlib/_local_tests)/"
    r"|^(_aix_support|_android_support|_apple_support|_ios_support|_osx_support|antigravity|argparse|bdb|cProfile|cmd|code|compileall|doctest|ftplib|"
    r"getopt|gettext|imaplib|mailbox|modulefinder|nturl2path|optparse|pdb|pickletools|poplib|profile|pstats|pty|pyclbr|pydoc|rlcompleter|smtplib|socketserver|"
    r"tabnanny|this|trace|tracemalloc|turtle|webbrowser|zipapp)\.py$"
    r"|^encodings/(?!__init__|aliases|ascii|latin_1|utf_8|utf_8_sig|utf_16|utf_16_le|utf_16_be|idna|punycode|cp437|raw_unicode_escape|"
    r"unicode_escape|hex_codec|base64_codec|undefined)[a-z0-9_]+\.py$"
)
SITE_LEFT_OUT = r"\.pyi$|^pydantic/(v1/|mypy\.py)|^pydantic/_hypothesis|/(RECORD|WHEEL|INSTALLER)$|/licenses/|/tests?/"


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
    stdlib = Archive(
        (modules / "pyodide/python_stdlib.zip",), vendor / "stdlib.zip", STDLIB_LEFT_OUT, "/lib/python3.14/", optimize=2
    )
    site = Archive(tuple(wheels), vendor / "site.zip", SITE_LEFT_OUT, "site-packages/", optimize=2)
    page_python.compile([stdlib, site])


def digest(root: Path) -> str:
    """Return a digest of everything that the build reads, except app/."""
    code = sorted((root / "server/build").rglob("*.py")) + sorted((root / "server/build").rglob("*.mjs"))
    pins = ["package-lock.json", "requirements/browser.txt", "pyscript.toml"]
    return manifest.digest(root, pins + [path.relative_to(root).as_posix() for path in code])
