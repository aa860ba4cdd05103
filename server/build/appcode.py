"""app/ as the page loads it: compiled by the build, or as sources if it has changed since the build."""

import io
import zipfile
from pathlib import Path

from server.build import manifest
from server.build.pageconfig import VENDOR, app_files
from server.build.pagepython import INSIDE, Archive, PagePython
from server.build.runtime import EXTENSION

ROOT = Path(__file__).parents[2]


def app_archive(root: Path = ROOT) -> bytes | None:
    """Return app/ as an archive of sources if it has changed since the build, so that a reload shows the change.

    None: the compiled static/vendor/app.zip is up to date and can be sent.
    """
    there = manifest.read(root / VENDOR)
    if there and there.app == digest(root):
        return None
    return _sources(root)


def compile_app(root: Path, vendor: Path, scratch: Path, page_python: PagePython) -> None:
    """Write the compiled archive of app/ to `vendor`, where the other archives are."""
    sources, target = scratch / "app.zip", vendor / "app.zip"
    sources.write_bytes(_sources(root))
    page_python.compile([Archive((sources,), target)])
    order = {"archives": [vendor / "site.zip", target], "extension": vendor / EXTENSION}
    page_python.run(INSIDE / "dataclass_code.py", order, stdlib=vendor / "stdlib.zip")


def digest(root: Path) -> str:
    """Return a digest of app/."""
    return manifest.digest(root, app_files(root))


def _sources(root: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in app_files(root):
            archive.writestr(zipfile.ZipInfo(name), (root / name).read_bytes())
    return packed.getvalue()
