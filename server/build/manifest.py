"""manifest.json: the inputs and the contents of static/vendor/."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    runtime: str  # digest of everything but app/ that the build reads
    app: str  # digest of app/**/*.py
    locales: str  # digest of the catalogues
    quality: int  # level of the Brotli compression
    files: dict[str, str]  # path → SHA-256
    sizes: dict[str, int]  # path → bytes


def digest(root: Path, names: list[str]) -> str:
    """Return one digest of the names and contents of files."""
    whole = hashlib.sha256()
    for name in names:
        whole.update(f"{name}\0{hashlib.sha256((root / name).read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def read(vendor: Path) -> Manifest | None:
    """Return the manifest; None if there is none, or it is of another version."""
    try:
        return Manifest.model_validate_json((vendor / "manifest.json").read_bytes())
    except (OSError, ValidationError):
        return None


def is_whole(vendor: Path, manifest: Manifest) -> bool:
    """Return whether every file has its size. Only the tests check digests: that would read 40 MB at each start."""
    return all(
        (vendor / name).is_file() and (vendor / name).stat().st_size == size for name, size in manifest.sizes.items()
    )


def write(vendor: Path, runtime: str, app: str, locales: str, quality: int) -> None:
    """Write the manifest of `vendor`."""
    names = sorted(
        p.relative_to(vendor).as_posix() for p in vendor.rglob("*") if p.is_file() and p.name != "manifest.json"
    )
    files = {name: hashlib.sha256((vendor / name).read_bytes()).hexdigest() for name in names}
    sizes = {name: (vendor / name).stat().st_size for name in names}
    written = Manifest(runtime=runtime, app=app, locales=locales, quality=quality, files=files, sizes=sizes)
    (vendor / "manifest.json").write_text(written.model_dump_json(indent=1))
