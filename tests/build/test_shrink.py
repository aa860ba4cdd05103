"""An archive is made smaller in the page: what is left of it is a sound archive (static/boot/shrink.mjs)."""

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from server.build.fetch import node
from tests.support.browsers import ROOT

FILES = {"a.pyc": b"first", "package/é.pyc": bytes(range(256)) * 300, "package/empty.pyc": b"", "z.txt": b"last"}
SCRIPT = """
import { readFileSync, writeFileSync } from "node:fs";
const [module, archive, names] = process.argv.slice(1);
const { without } = await import(module);
writeFileSync(archive, without(JSON.parse(names), new Uint8Array(readFileSync(archive))));
"""


@pytest.mark.parametrize("dropped", [[], ["a.pyc"], ["package/é.pyc", "z.txt", "unknown"], list(FILES)])
def test_files_are_dropped_and_the_others_stay_as_they_are(tmp_path: Path, dropped: list[str]):
    archive = tmp_path / "some.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for name, content in FILES.items():
            made.writestr(name, content)

    shrink(archive, dropped)

    with zipfile.ZipFile(archive) as left:
        assert left.testzip() is None
        kept = {name: left.read(name) for name in left.namelist()}
    assert kept == {name: content for name, content in FILES.items() if name not in dropped}


def shrink(archive: Path, names: list[str]) -> None:
    module = (ROOT / "static/boot/shrink.mjs").as_uri()
    command = [node(ROOT, print)[0], "--input-type=module", "-e", SCRIPT, module, str(archive), json.dumps(names)]
    subprocess.run(command, check=True)
