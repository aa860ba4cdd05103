"""Let the page's Python import from the archives of the build.

It is compiled into stdlib.zip, and static/boot/archives.mjs calls it.
"""

import builtins
import dataclasses
import marshal
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from types import CodeType
from zipimport import zipimporter

LEFT_OUT = "left_out.txt"  # in site.zip: modules of the library and the packages that are not shipped
DATACLASSES = (
    "dataclasses.marshal"  # in app.zip: digest of a source → its code, for the methods that `dataclass` writes
)


def use(archives: Sequence[str], extensions: Mapping[str, str], warn: Callable[[str], object]) -> None:
    """Import from `archives` (site.zip and app.zip) before all else; `extensions` is module → shared library."""
    # Before PyScript's own folder, too: it writes there, as sources, what site.zip has compiled.
    sys.path[:0] = archives
    site, app = map(zipimporter, archives)
    sys.meta_path += [Extensions(extensions), Missing(set(site.get_data(LEFT_OUT).decode().split()), warn)]
    try:
        compiled = marshal.loads(app.get_data(DATACLASSES))  # noqa: S302 - the build has written it
    except OSError:
        return  # app/ has changed since the build, and is here as sources
    vars(dataclasses)["exec"] = Precompiled(compiled)  # the module's own global hides the built-in


def imported() -> list[tuple[str, list[str]]]:
    """Return each archive with those of its files whose modules are imported: nobody reads them again."""
    files = [str(getattr(module, "__file__", "")) for module in list(sys.modules.values())]
    return [
        (archive, [file.removeprefix(f"{archive}/") for file in files if file.startswith(f"{archive}/")])
        for archive in sys.path
        if archive.endswith(".zip")
    ]


class Extensions:
    """Find shared libraries: a package in an archive cannot have one beside it."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name not in self._files:
            return None
        loader = ExtensionFileLoader(name, self._files[name])
        return spec_from_file_location(name, self._files[name], loader=loader)


class Missing:
    """Find nothing, as the last finder; report an import of what the build has left out of the library."""

    def __init__(self, names: set[str], warn: Callable[[str], object]) -> None:
        self._names = names
        self._warn = warn

    def find_spec(self, name: str, *_: object) -> None:
        if name in self._names:
            self._warn(f"The page's library has been built without {name} (server/build/library.py)")


class Precompiled:
    """Execute the source that `dataclass` writes for a class, compiled by the build: that takes most of its time."""

    def __init__(self, code: dict[bytes, CodeType]) -> None:
        self.code = code

    def __call__(self, source: str, names: dict[str, object], local: dict[str, object]) -> None:
        builtins.exec(self.code.get(digest(source), source), names, local)  # noqa: S102 - as the standard library does


def digest(source: str) -> bytes:
    """Return the key of a source in DATACLASSES."""
    return sha256(source.encode()).digest()
