"""Compress the files that the page loads with Brotli and gzip, once for each content.

We do not use servestatic's compressor: it keeps nothing between builds, and offers Brotli at its slowest level only.
"""

import gzip
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli

WORTH_IT = {".mjs", ".js", ".css", ".json", ".wasm", ".zip"}  # our zips are stored, not deflated

COMPRESSED = (".br", ".gz")


QUICK = 9  # Brotli's quality: 5 s for all
SMALLEST = 11  # a tenth less to download, a minute and a half to make


def precompress(files: list[Path], cache: Path, quality: int) -> list[Path]:
    """Write file.br and file.gz beside each file if that is smaller; return the paths written."""
    cache.mkdir(parents=True, exist_ok=True)
    jobs = [(file, suffix) for file in files if file.suffix in WORTH_IT for suffix in COMPRESSED]
    with ThreadPoolExecutor() as pool:  # both compressors release Python's lock
        written = pool.map(lambda job: _write(job[0], job[1], cache, quality), jobs)
    return [path for path in written if path]


def _write(file: Path, suffix: str, cache: Path, quality: int) -> Path | None:
    data = file.read_bytes()
    kept = cache / (f"{hashlib.sha256(data).hexdigest()}-{quality}{suffix}")
    if not kept.exists():
        packed = brotli.compress(data, quality=quality) if suffix == ".br" else gzip.compress(data, 9, mtime=0)
        coming = kept.with_name(f"{kept.name}.{secrets.token_hex(4)}")  # another build may be at the same file
        coming.write_bytes(packed)
        coming.replace(kept)
    if kept.stat().st_size >= len(data):
        return None
    target = file.with_name(file.name + suffix)
    target.write_bytes(kept.read_bytes())
    return target
