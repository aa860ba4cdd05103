"""Put a journal's rows back into an order in which they could have happened."""

from collections.abc import Iterable

from app.core.events import ChunkJournalled, Fact, PartAcknowledged, RecordingStarted, UploadCreated, UploadRef


def in_order(facts: Iterable[Fact], chunks: Iterable[ChunkJournalled]) -> list[Fact]:
    """Return `facts` (in the order in which they were kept) with each upload's `chunks` behind its beginning.

    Where an upload was begun again, what the first one acknowledged is left out: the store has lost it.
    Chunks of a recording whose beginning is missing are left out: nobody knows what they are. Only its first beginning
    is told: one that found no room for a chunk was followed by another.
    """
    kept = list(facts)
    by_upload: dict[UploadRef, list[ChunkJournalled]] = {}
    for chunk in chunks:
        by_upload.setdefault(chunk.upload, []).append(chunk)
    last_created = {fact.upload: place for place, fact in enumerate(kept) if isinstance(fact, UploadCreated)}
    ordered: list[Fact] = []
    begun: set[UploadRef] = set()
    for place, fact in enumerate(kept):
        match fact:
            case UploadCreated() | PartAcknowledged() if place < last_created.get(fact.upload, len(kept)):
                continue
            case RecordingStarted() if fact.upload in begun:
                continue
            case RecordingStarted():
                begun.add(fact.upload)
                ordered += [fact, *by_upload.get(fact.upload, [])]
            case _:
                ordered.append(fact)
    return ordered
