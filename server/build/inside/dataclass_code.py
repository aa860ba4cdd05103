"""Run inside the page's Python: add to app.zip the compiled code of the methods that `dataclass` writes as source.

The page would compile them at each start: 144 classes, a third of the time that importing app/ takes.
"""

import dataclasses
import importlib
import json
import marshal
import sys
import zipfile
from types import ModuleType

import page_imports

EPOCH = (2020, 1, 1, 0, 0, 0)  # the same sources give the same archive, byte for byte
order = json.loads(argument)  # noqa: F821 - set by run.mjs
code = {}


def recorded(source, names, local):
    compiled = code[page_imports.digest(source)] = compile(source, "<string>", "exec")
    exec(compiled, names, local)  # noqa: S102 - as the standard library does


class Elsewhere(ModuleType):
    """Stand for a module that only a browser has; app/ does nothing with it at import."""

    def __getattr__(self, name):
        return self


archives = ["/host" + archive for archive in order["archives"]]
page_imports.use(archives, {"pydantic_core._pydantic_core": "/host" + order["extension"]}, print)
for name in ("pyscript", "pyscript.js_modules", "js"):
    sys.modules[name] = Elsewhere(name)
dataclasses.exec = recorded
with zipfile.ZipFile(archives[1], "a", zipfile.ZIP_STORED) as app:
    for name in sorted(app.namelist()):
        importlib.import_module(name.removesuffix(".pyc").removesuffix("/__init__").replace("/", "."))
    app.writestr(zipfile.ZipInfo(page_imports.DATACLASSES, EPOCH), marshal.dumps(code))
