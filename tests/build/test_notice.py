"""The licences of what the page has from others."""

import json

from server.build import notice
from server.build.pageconfig import VENDOR, pins
from server.settings import ROOT

NOTICE = (ROOT / VENDOR / notice.NAME).read_text(encoding="utf-8")


def test_every_package_that_is_served_is_named_with_its_version_and_terms():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    served = pins((ROOT / "requirements/browser.txt").read_text(encoding="utf-8"))
    for name in ("@pyscript/core", "idb", "mediabunny", "pyodide", "polyscript"):
        served[name] = lock["packages"][f"node_modules/{name}"]["version"]

    for name, version in served.items():
        (line,) = [
            line
            for line in NOTICE.splitlines()
            if line.replace("_", "-").startswith(f"  {name} {version}  ".replace("_", "-"))
        ]
        assert len(line.split()) >= 3, line


def test_every_kind_of_licence_has_its_text():
    for sentence in (
        "Mozilla Public License",
        "PYTHON SOFTWARE FOUNDATION LICENSE",
        "Apache License",
        "Permission is hereby granted, free of charge",
        "Permission to use, copy, modify, and/or distribute this software",
    ):
        assert sentence in NOTICE, sentence
    assert "axe-core" not in NOTICE, "it is for the tests alone"
