"""Run inside the page's Python by test_build: import what the page needs from the archives that it gets."""

import importlib
import json
import sys

import page_imports

order = json.loads(argument)  # noqa: F821 - set by run.mjs
warned = []
page_imports.use(
    ["/host" + archive for archive in order["archives"]],
    {"pydantic_core._pydantic_core": "/host" + order["extension"]},
    warned.append,
)
for module in order["modules"]:
    importlib.import_module(module)
assert not warned, warned
assert importlib.import_module("app.contract.policy").__file__.endswith(".pyc")
try:
    importlib.import_module("app.core.upload.parts").PartCutter(0)
except ValueError as error:
    frame = error.__traceback__.tb_next
    assert frame.tb_frame.f_code.co_filename == "app/core/upload/parts.py", frame.tb_frame.f_code.co_filename
for module in order["left_out"]:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError:
        continue
    sys.exit(f"{module} is there")
assert len(warned) == len(order["left_out"]), warned
