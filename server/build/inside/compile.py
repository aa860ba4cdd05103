"""Run inside the page's Python: byte-compile archives of sources into one stored archive.

The archive is stored, because the server compresses it as a whole. The .pyc files are unchecked, because the page has
no sources to compare with.
"""

import importlib.util
import json
import re
import zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

EPOCH = (2020, 1, 1, 0, 0, 0)  # the same sources give the same archive, byte for byte


def frozen(name: str, data: bytes, *, shown_under: str, optimize: int) -> tuple[str, bytes]:
    """Return a file's name and content for the archive."""
    if not name.endswith(".py"):
        return name, data
    code = compile(data, shown_under + name, "exec", dont_inherit=True, optimize=optimize)
    return name + "c", bytes(_code_to_hash_pyc(code, importlib.util.source_hash(data), checked=False))


def compile_archive(sources: list[str], target: str, left_out: str, shown_under: str, optimize: int) -> None:
    """Compile all `sources` (zip files) into `target`; `left_out` is a pattern of names, "" for none."""
    skip = re.compile(left_out or "$.")
    with zipfile.ZipFile("/host" + target, "w", zipfile.ZIP_STORED) as archive:
        for source in sources:
            with zipfile.ZipFile("/host" + source) as files:
                for entry in sorted(files.namelist()):
                    if entry.endswith("/") or skip.search(entry):
                        continue
                    name, data = frozen(entry, files.read(entry), shown_under=shown_under, optimize=optimize)
                    info = zipfile.ZipInfo(name, EPOCH)
                    info.external_attr = 0o644 << 16
                    archive.writestr(info, data)


for job in json.loads(argument):  # noqa: F821 - set by run.mjs
    compile_archive(**job)
