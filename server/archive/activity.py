"""When something last happened in a session: a candidate who may still be at it is left alone."""

from server.archive.stored_session import StoredSession
from server.errors import UploadGone
from server.store.bucket_rules import TAIL_PREFIX
from server.store.storage import Storage

QUIET_S = 3600.0  # a session in which nothing has arrived for so long is nobody's at the moment


def last_activity(storage: Storage, stored: StoredSession) -> float:
    """Return when the newest object, part or small part arrived, in Unix seconds, by the store's clock."""
    tails = f"{TAIL_PREFIX}{stored.keys.prefix}"
    parts = [_newest_part(storage, one.key, one.id) for one in stored.uploads]
    folded = (
        [one.modified_at for one in storage.inventory.objects(tails)] if storage.access.profile.copies_parts else []
    )
    return max([stored.touched_at, *parts, *folded])


def _newest_part(storage: Storage, key: str, upload: str) -> float:
    try:
        return storage.inventory.newest_part_at(key, upload)
    except UploadGone:  # completed or aborted since it was listed
        return 0.0
