"""Put a journal's facts back into an order in which they could have happened."""

from collections.abc import Iterable

from app.core.upload.events import (
    ChunkJournalled,
    Fact,
    PartAcknowledged,
    PartCut,
    RecordingStarted,
    RecordingStopped,
    UploadCreated,
)
from app.core.upload.recording_id import RecordingId


def in_order(facts: Iterable[Fact], chunks: Iterable[ChunkJournalled]) -> list[Fact]:
    """Return RecordingStarted and `chunks` of each recording, then the other `facts` in the order of their rows.

    - RecordingStarted may have been written late, when the disk had room again. Only the first one is returned: if
      there was no room for the chunk after it, a second one follows.
    - If an upload was created again, what was cut and acknowledged before is left out: the store has lost it.
    - Its cuts follow in the order of their numbers.
    - Chunks without a RecordingStarted are left out: their content type and take are not known.
    - Bytes whose rows found no room are returned as one last chunk: the store may have them, and they keep their place.
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
    # Taken from all facts: an upload may be created after its recording has stopped.
    wholes = {fact.upload: fact.size for fact in kept if isinstance(fact, RecordingStopped)}
    ordered: list[Fact] = []
    for ref, beginning in beginnings.items():
        rows = by_upload.get(ref, [])
        ordered += [beginning, *rows, *_without_row(ref, rows, kept[last_created.get(ref, 0) :], wholes.get(ref))]
    for place, fact in enumerate(kept):
        match fact:
            case RecordingStarted() | PartCut():
                continue
            case UploadCreated() | PartAcknowledged() if place < last_created.get(fact.upload, len(kept)):
                continue
            case UploadCreated():
                ordered += [fact, *_cuts(kept[place:], fact.upload)]
            case _:
                ordered.append(fact)
    return ordered


def _cuts(facts: list[Fact], ref: RecordingId) -> list[PartCut]:
    """Return how a recording was cut, by number: parts that are sent together may be noted in any order."""
    cuts = [fact for fact in facts if isinstance(fact, PartCut) and fact.upload == ref]
    return sorted(cuts, key=lambda cut: cut.part.number)


def _without_row(
    ref: RecordingId, rows: list[ChunkJournalled], facts: list[Fact], whole: int | None
) -> list[ChunkJournalled]:
    """Return the bytes recorded after `rows` as one chunk; an empty list if there are none.

    `facts` begin with the last UploadCreated. `whole` is the size of the recording; None if its end was not noted.
    """
    size = sum(row.size for row in rows)
    part_bytes, ends = 0, dict[int, int]()  # ends: of the parts that were cut, by number
    acknowledged = 0  # bytes up to the end of the last acknowledged part
    for fact in facts:
        match fact:
            case UploadCreated(upload=upload) if upload == ref:
                part_bytes = fact.parts.max_bytes
            case PartCut(upload=upload, part=part) if upload == ref:
                ends[part.number] = part.end
            case PartAcknowledged(upload=upload, number=number) if upload == ref:
                # Where all parts are equal, no cut is noted. The last of them may be short, and lies within the rows.
                is_beyond = number in ends or (number - 1) * part_bytes >= size
                acknowledged = max(acknowledged, ends.get(number, number * part_bytes) if is_beyond else 0)
            case _:
                pass
    missing = (whole if whole is not None else acknowledged) - size
    return [ChunkJournalled(ref, missing, rows[-1].elapsed_s if rows else 0.0)] if missing > 0 else []


def without_beginning(facts: Iterable[Fact], chunks: Iterable[ChunkJournalled]) -> set[RecordingId]:
    """Return the recordings with chunks but no RecordingStarted: the page ended before it was written.

    Their rows must be deleted: the chunks of the next recording with this id would otherwise follow them.
    """
    begun = {fact.upload for fact in facts if isinstance(fact, RecordingStarted)}
    return {chunk.upload for chunk in chunks} - begun
