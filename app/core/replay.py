"""Put a journal's rows back into an order in which they could have happened."""

from collections.abc import Iterable

from app.core.events import ChunkJournalled, Fact, PartAcknowledged, RecordingStarted, UploadCreated


def in_order(facts: Iterable[Fact], chunks: Iterable[ChunkJournalled]) -> list[Fact]:
    """Return `facts` (in the order in which they were kept) with each upload's `chunks` behind its beginning.

    Where an upload was begun again, what the first one acknowledged is left out: the store has lost it.
    Chunks of a recording whose beginning is missing are left out: nobody knows what they are.
    """
    kept = list(facts)
    by_upload: dict[object, list[ChunkJournalled]] = {}
    for chunk in chunks:
        by_upload.setdefault(chunk.upload, []).append(chunk)
    last_created = {fact.upload: place for place, fact in enumerate(kept) if isinstance(fact, UploadCreated)}
    ordered: list[Fact] = []
    for place, fact in enumerate(kept):
        if isinstance(fact, UploadCreated | PartAcknowledged) and place < last_created[fact.upload]:
            continue
        ordered.append(fact)
        if isinstance(fact, RecordingStarted):
            ordered += by_upload.get(fact.upload, [])
    return ordered
