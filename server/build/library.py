"""Which modules of the standard library and of the packages the page gets: what app/ can come to import, and no others.

The build follows the import statements of app/ and of ROOTS, those in functions too (inside/imports.py), as far as
LEFT_OUT lets it. What is not shipped is therefore either named by nothing that is, or named below with a reason. If the
page asks for such a module after all, an error in the console says so (static/boot/page_imports.py).
"""

import ast
from pathlib import Path

from server.build.pageconfig import app_files

# Imported by name: from C, from Pyodide's JavaScript, by PyScript, or for a codec.
ROOTS = (
    *(
        "abc",
        "codecs",
        "collections.abc",
        "functools",
        "importlib.abc",
        "importlib.machinery",
        "importlib.util",
        "io",
        "os",
    ),
    *("linecache", "pathlib", "site", "sysconfig", "tokenize", "traceback", "warnings", "zipimport"),
    *(
        "_colorize",
        "_pylong",
        "_sitebuiltins",
        "_strptime",
        "_sysconfigdata__emscripten_wasm32-emscripten",
        "_weakrefset",
    ),
    *("_pyodide", "_pyodide._base", "_pyodide._core_docs", "_pyodide._future_helper", "_pyodide._importhook"),
    *("_pyodide.docs_argspec", "_pyodide.docstring", "_pyodide.jsbind", "pyodide"),
    *(
        "pyodide._package_loader",
        "pyodide.code",
        "pyodide.ffi",
        "pyodide.webloop",
        "pydantic_core",
        "pyscript",
        "page_imports",
    ),
    *(f"encodings.{name}" for name in ("ascii", "cp437", "idna", "latin_1", "raw_unicode_escape", "unicode_escape")),
    *(f"encodings.{name}" for name in ("aliases", "utf_8", "utf_8_sig", "utf_16", "utf_16_be", "utf_16_le")),
)

LEFT_OUT = (
    # Stand-ins in Python for what is built in here.
    r"_py_abc|_pydatetime|_pydecimal|_pyio|"
    # Processes, threads, sockets and other platforms: a page has none.
    r"asyncio\.(windows_\w+|proactor_events|tools|__main__)|concurrent\.(interpreters|futures\.(process|thread|interpreter))|"
    r"ctypes|encodings\._win_cp_codecs|ftplib|http\.(client|cookiejar|server)|multiprocessing|platform|socketserver|"
    r"pyodide\.(_nodesock_transport|console|http)|urllib\.(request|error|response)|"
    # Command lines, consoles and tests of modules.
    r"_pyrepl|argparse|bdb|cmd|code|doctest|getopt|gettext|optparse|pdb|pydoc|rlcompleter|statistics|unittest|"
    # Archives, pickles, metadata and resources of packages: the page unpacks and reads none.
    r"csv|importlib\.(metadata\._adapters|readers|resources)|pickle|py_compile|tarfile|tracemalloc|xml|"
    # Interfaces of earlier versions, and packages for the build alone.
    r"pydantic\.(deprecated|mypy|v1)|micropip"
)


def imported_by_app(root: Path) -> list[str]:
    """Return what the modules of app/ import from elsewhere, names of functions and classes among it."""
    found: set[str] = set()
    for file in app_files(root):
        for node in ast.walk(ast.parse((root / file).read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return sorted(name for name in found if name.partition(".")[0] != "app")
