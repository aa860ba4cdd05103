"""Run inside the page's Python: byte-compile archives of sources into stored archives.

They are stored, because the server compresses each as a whole. The .pyc files are unchecked, because the page has no
sources to compare with. Nothing but modules goes in.
"""

import ast
import importlib.util
import json
import re
import sys
import zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

EPOCH = (2020, 1, 1, 0, 0, 0)  # the same sources give the same archive, byte for byte
order = json.loads(argument)  # noqa: F821 - set by run.mjs
sys.path.append("/host" + order["inside"])

from imports import reachable  # noqa: E402 - only now can it be found


def module_of(file):
    """Return a file's module, and whether that is a package."""
    name = file.removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__"), name.endswith(".__init__")


def read(sources):
    """Return file → source of all modules in zip files."""
    found = {}
    for source in sources:
        with zipfile.ZipFile("/host" + source) as files:
            found |= {name: files.read(name) for name in files.namelist() if name.endswith(".py")}
    return found


def without_docstrings(tree):
    """Remove the docstrings; asserts stay, which compiling without docstrings would remove as well."""
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if documented and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.copy_location(ast.Pass(), node.body[0])]
    return tree


def frozen(file, source, shown_under, optimize):
    """Return the content of a .pyc."""
    tree = without_docstrings(ast.parse(source))
    code = compile(tree, shown_under + file, "exec", dont_inherit=True, optimize=optimize)
    return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(source), checked=False))


def write(target, files):
    with zipfile.ZipFile("/host" + target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)


archives = [(job, read(job["sources"])) for job in order["archives"]]
modules = {}
for _, files in archives:
    modules |= {module_of(file)[0]: (module_of(file)[1], source) for file, source in files.items()}
wanted = set(modules)
if order["roots"]:
    left_out = re.compile(rf"({order['left_out']})(\.|$)")
    if refused := [name for name in order["roots"] if name in modules and left_out.match(name)]:
        raise ValueError(f"app/ imports {', '.join(refused)}, which server/build/library.py leaves out")
    wanted = reachable({name: one for name, one in modules.items() if not left_out.match(name)}, order["roots"])
for job, files in archives:
    shipped = {file: source for file, source in files.items() if module_of(file)[0] in wanted}
    compiled = {
        file + "c": frozen(file, source, job["shown_under"], job["optimize"]) for file, source in shipped.items()
    }
    if job["tells_missing"]:
        compiled["left_out.txt"] = "\n".join(sorted(modules.keys() - wanted)).encode()
    write(job["target"], compiled)
