"""The licences of what static/vendor/ has from others, in one file that is served beside it."""

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from server.build.errors import BuildError

NAME = "NOTICE.txt"
_TEXTS = ("LICENSE", "LICENCE", "COPYING", "NOTICE")
_RULE = "-" * 72
# Packages without a text of their own, or with parts of others inside.
_SAME_TEXT = {
    "pyodide": "Text as of micropip, below. Inside it: CPython and its standard library (PSF-2.0, text as of "
    "typing_extensions, below), and the runtime of Emscripten (MIT).",
}


@dataclass(frozen=True, slots=True)
class Licensed:
    """One package and its terms."""

    name: str
    version: str
    terms: str  # an SPDX expression, or what the package says
    texts: tuple[str, ...]  # empty: it brings none


def write(modules: Path, wheels: Sequence[Path], target: Path) -> None:
    """Write the terms and licence texts of all packages. Raises BuildError for a package that names no terms."""
    found = sorted([*_of_npm(modules), *(_of_wheel(wheel) for wheel in wheels)], key=lambda one: one.name.lower())
    if unnamed := [one.name for one in found if not one.terms]:
        raise BuildError(f"these packages name no licence: {', '.join(unnamed)}")
    lines = ["Slipstream's page uses the work of others. Names, versions, licences:", ""]
    lines += [f"  {one.name} {one.version}  {one.terms}" for one in found]
    for one in found:
        lines += ["", _RULE, f"{one.name} {one.version}: {one.terms}", _RULE, ""]
        lines += [*one.texts, _SAME_TEXT.get(one.name, "")]
    target.write_text("\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n", encoding="utf-8")


def _of_npm(modules: Path) -> Iterator[Licensed]:
    """Yield the packages that the page's scripts are made of; types and packages for tests are not among them."""
    lock = json.loads((modules.parent / "package-lock.json").read_text(encoding="utf-8"))
    for place, entry in lock["packages"].items():
        name = place.rpartition("node_modules/")[2]
        if not place or entry.get("dev") or name.startswith("@types/"):
            continue
        files = sorted((modules.parent / place).glob("*"))
        texts = tuple(path.read_text(encoding="utf-8") for path in files if _is_text(path))
        yield Licensed(name, entry["version"], entry.get("license", ""), texts)


def _of_wheel(wheel: Path) -> Licensed:
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()
        about = next(name for name in names if name.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(files.read(about).decode())
        there = [name for name in names if ".dist-info/" in name and _is_text(Path(name))]
        texts = tuple(files.read(name).decode() for name in there)
    terms = headers["License-Expression"] or headers["License"] or _classified(headers.get_all("Classifier") or [])
    return Licensed(headers["Name"], headers["Version"], terms.splitlines()[0] if terms else "", texts)


def _classified(classifiers: Sequence[str]) -> str:
    prefix = "License :: OSI Approved :: "
    return ", ".join(one.removeprefix(prefix) for one in classifiers if one.startswith(prefix))


def _is_text(path: Path) -> bool:
    return path.name.upper().startswith(_TEXTS)
