"""Put a journal's rows back into an order in which they could have happened."""

from collections.abc import Iterable

from app.core.upload.events import (
    ChunkJournalled,
    Fact,
    PartAcknowledged,
    RecordingId,
    RecordingStarted,
    RecordingStopped,
    UploadCreated,
)


def in_order(facts: Iterable[Fact], chunks: Iterable[ChunkJournalled]) -> list[Fact]:
    """Return each upload's beginning and `chunks`, then the other `facts`, in the order in which they were kept.

    The beginning may have been kept late, when the disk had room again. Only the first one is told: one that found no
    room for a chunk was followed by another. Where an upload was begun again, what the first one acknowledged is left
    out: the store has lost it. Chunks of a recording whose beginning is missing are left out: nobody knows what they
    are. Bytes without a row, for which there was no room, are told as one last chunk: the store may have them, and
    they have their place.
    """
    kept = list(facts)
    by_upload: dict[RecordingId, list[ChunkJournalled]] = {}
    for chunk in chunks:
        by_upload.setdefault(chunk.upload, []).append(chunk)
    beginnings: dict[RecordingId, RecordingStarted] = {}
    for fact in kept:
        if isinstance(fact, RecordingStarted):
            beginnings.setdefault(fact.upload, fact)
    last_created = {fact.upload: place for place, fact in enumerate(kept) if isinstance(fact, UploadCreated)}
    # Looked for everywhere: an upload may be created after the end of what it uploads.
    wholes = {fact.upload: fact.size for fact in kept if isinstance(fact, RecordingStopped)}
    ordered: list[Fact] = []
    for ref, beginning in beginnings.items():
        rows = by_upload.get(ref, [])
        ordered += [beginning, *rows, *_without_row(ref, rows, kept[last_created.get(ref, 0) :], wholes.get(ref))]
    for place, fact in enumerate(kept):
        match fact:
            case RecordingStarted():
                continue
            case UploadCreated() | PartAcknowledged() if place < last_created.get(fact.upload, len(kept)):
                continue
            case _:
                ordered.append(fact)
    return ordered


def _without_row(
    ref: RecordingId, rows: list[ChunkJournalled], facts: list[Fact], whole: int | None
) -> list[ChunkJournalled]:
    """Return what was recorded behind `rows`, as one chunk; `facts` begin with the upload's last creation.

    `whole` is the size of the recording; None if nobody has noted its end.
    """
    size, part_bytes = sum(row.size for row in rows), 0
    acknowledged = 0  # bytes up to the last part that lies behind the rows
    for fact in facts:
        match fact:
            case UploadCreated(upload=upload) if upload == ref:
                part_bytes = fact.part_bytes
            case PartAcknowledged(upload=upload, number=number) if upload == ref and (number - 1) * part_bytes >= size:
                acknowledged = max(acknowledged, number * part_bytes)
            case _:
                pass
    missing = (whole if whole is not None else acknowledged) - size
    return [ChunkJournalled(ref, missing, rows[-1].elapsed_s if rows else 0.0)] if missing > 0 else []


def without_beginning(facts: Iterable[Fact], chunks: Iterable[ChunkJournalled]) -> set[RecordingId]:
    """Return the uploads whose chunks nobody can place: the page went before their beginning was kept.

    Their rows must go, or the next recording of that name would be put behind them.
    """
    begun = {fact.upload for fact in facts if isinstance(fact, RecordingStarted)}
    return {chunk.upload for chunk in chunks} - begun
