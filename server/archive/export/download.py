"""Bring one recording to the disk, and compare it with what was submitted."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from server.archive.export.plan import PlannedTrack
from server.errors import StoreUnavailable
from server.store.inventory import Inventory

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Downloaded:
    size: int  # bytes
    sha256: str


def download(inventory: Inventory, planned: PlannedTrack, target: Path) -> Downloaded:
    """Write a recording to a file, 1 MiB at a time. A transfer that breaks off is begun anew. Raises StoreError."""
    for left in reversed(range(_TRIES)):
        try:
            return _download(inventory, planned, target)
        except StoreUnavailable:
            if not left:
                raise
    raise AssertionError


def _download(inventory: Inventory, planned: PlannedTrack, target: Path) -> Downloaded:
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as file:
        for piece in inventory.download(planned.record.key, planned.version):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    return Downloaded(size, digest.hexdigest())


def differences(planned: PlannedTrack, found: Downloaded) -> tuple[str, ...]:
    """Return a sentence for each way in which the object is not what the page recorded."""
    record, told = planned.record, []
    if found.size != record.size:
        told.append(f"It has {found.size:,} bytes; {record.size:,} were recorded.")
    if record.sha256 is not None and found.sha256 != record.sha256:
        told.append("Its SHA-256 is not that of what was recorded: it has been changed since.")
    return tuple(told)
