"""Ask the store what it has of an upload, and compare it with what was recorded."""

from collections.abc import Awaitable, Callable

from app.contract import StoredPart, StoredState
from app.core.errors import UploadLost
from app.core.ports import Signer
from app.core.upload.parts import Part


async def list_parts(signer: Signer, handle: str) -> dict[int, StoredPart] | None:
    """Return the parts that the store has, by number; None if it has already put the object together.

    Raises UploadLost if the store knows neither upload nor object, or another UploadError.
    """
    found: dict[int, StoredPart] = {}
    after: int | None = 0
    while after is not None:
        page = await signer.list(handle, after)
        if page.state is StoredState.UNKNOWN:
            raise UploadLost("The store no longer knows the upload.")
        if page.state is StoredState.COMPLETED:
            return None
        found |= {part.number: part for part in page.parts}
        after = page.next_after if page.next_after != after else None  # a marker that stands still would go on for ever
    return found


async def proven(
    parts: list[Part],
    etags: dict[int, str],
    stored: dict[int, StoredPart] | None,
    md5: Callable[[Part], Awaitable[str | None]],
) -> tuple[tuple[int, str], ...]:
    """Return number and ETag of the parts that the store holds as they were recorded.

    `etags` are those acknowledged before; only what was never acknowledged is digested anew: its reply was lost.
    None for `stored`: the object is there, so no part is left to send; finishing will look at its size. None from
    `md5`: this device has lost the bytes, so nobody can tell, and the part does not count.
    """
    same = []
    for part in parts:
        found = stored.get(part.number) if stored is not None else None
        if stored is not None and (found is None or found.size != part.size):
            continue
        etag = etags.get(part.number) or await md5(part)
        if etag is not None and (found is None or etag == found.etag):
            same.append((part.number, etag))
    return tuple(same)
