"""Delete sessions for good: objects with every older version, open uploads, and what the folded layout has left."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from server.errors import ObjectMissing, StoreMisconfigured
from server.store.bucket_rules import OUTBOX_PREFIX, TAIL_PREFIX
from server.store.inventory import Version
from server.store.storage import Storage

_AT_ONCE = 8  # calls to the store


@dataclass(frozen=True, slots=True)
class Erased:
    objects: int = 0  # and older versions, and delete markers
    uploads: int = 0
    left: tuple[str, ...] = ()  # a sentence for each thing that the store has kept

    def __add__(self, other: "Erased") -> "Erased":
        return Erased(self.objects + other.objects, self.uploads + other.uploads, self.left + other.left)


class Erasure:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def erase(self, prefix: str) -> Erased:
        """Delete everything below `<interview>/` or `<interview>/<session>/`, and its tails. Raises StoreError.

        What Object Lock keeps, or the key may not delete, is named and does not keep the rest.
        """
        return self._erase(prefix) + self._erase(f"{TAIL_PREFIX}{prefix}") + self._erase(f"{OUTBOX_PREFIX}{prefix}")

    def _erase(self, prefix: str) -> Erased:
        uploads = self._storage.multipart.open_uploads(prefix)  # first: completing one would make an object
        for key, upload in uploads:
            self._storage.multipart.abort(key, upload)
        versions = self._storage.inventory.versions(prefix)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            told = list(threads.map(self._delete, versions))
        left = tuple(sentence for sentence in told if sentence is not None)
        return Erased(len(versions) - len(left), len(uploads), (*left, *self._still_there(prefix, versions)))

    def _delete(self, version: Version) -> str | None:
        """Delete one version. Return None, or a sentence that says why it is still there."""
        try:
            self._storage.inventory.delete(version)
        except ObjectMissing:
            return None
        except StoreMisconfigured as error:
            until = self._storage.inventory.locked_until(version)
            if until is not None:
                return f"{_name(version)} is kept by Object Lock until {until}. Delete it again then."
            return f"{_name(version)} was not deleted. {error}"
        return None

    def _still_there(self, prefix: str, tried: list[Version]) -> Iterator[str]:
        """Yield a sentence for what has come while the rest was deleted: a candidate's page is still open."""
        for version in self._storage.inventory.versions(prefix):
            if version not in tried:
                yield f"{_name(version)} was stored in this moment: its candidate is at it. Delete it again later."


def _name(version: Version) -> str:
    return version.key if version.id is None else f"{version.key} (version {version.id})"
