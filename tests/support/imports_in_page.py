"""Run inside the page's Python by test_build: import what the page needs from the archives that it gets."""

import importlib
import json
import sys
import zipfile

order = json.loads(argument)  # noqa: F821 - set by run.mjs
for archive in order["archives"]:
    with zipfile.ZipFile("/host" + archive) as files:
        files.extractall("/page")
sys.path.insert(0, "/page")
for module in order["modules"]:
    importlib.import_module(module)
assert importlib.import_module("app.contract.policy").__file__.endswith(".pyc")
try:
    importlib.import_module("app.core.upload.parts").PartCutter(0)
except ValueError as error:
    frame = error.__traceback__.tb_next
    assert frame.tb_frame.f_code.co_filename == "app/core/upload/parts.py", frame.tb_frame.f_code.co_filename
