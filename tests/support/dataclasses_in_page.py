"""Run inside the page's Python by test_build: import app/ and count what `dataclass` still has to compile."""

import dataclasses
import importlib
import json

import page_imports

order = json.loads(argument)  # noqa: F821 - set by run.mjs
archives = ["/host" + archive for archive in order["archives"]]
page_imports.use(archives, {"pydantic_core._pydantic_core": "/host" + order["extension"]}, print)
precompiled = dataclasses.exec
assert len(precompiled.code) > 100, len(precompiled.code)
known, compiled = set(), []


def watched(source, names, local):
    digest = page_imports.digest(source)
    known.add(digest) if digest in precompiled.code else compiled.append(source.splitlines()[1])
    precompiled(source, names, local)


dataclasses.exec = watched
for module in ("app.contract", "app.core.session.screen", "app.session.session", "app.session.admission"):
    importlib.import_module(module)
assert not compiled, compiled
assert len(known) > 80, len(known)


@dataclasses.dataclass
class New:
    number: int


assert (New(1), len(compiled)) == (New(1), 1)
