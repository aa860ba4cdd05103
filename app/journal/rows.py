"""Convert facts to the journal's rows and keys, and rows back to facts.

Rows are not trusted: a crash may have damaged them, another page or another version may have written them.
Only this module knows how a recording's id becomes a key.
"""

import json
import math
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from app.contract import Identifier, Nonce, Seconds, TakeNumber, Track
from app.core.media import Media
from app.core.upload.events import (
    AnswerWritten,
    ChunkJournalled,
    PartAcknowledged,
    PartCut,
    RecordingStarted,
    RecordingStopped,
    TakeDiscarded,
    TakeMoved,
    UploadCreated,
)
from app.core.upload.recording_id import RecordingId
from app.journal.row_store import Delete, DeleteFacts, Key, Put

UploadFact = RecordingStarted | TakeMoved | UploadCreated | PartCut | PartAcknowledged | RecordingStopped
AnswerFact = AnswerWritten | TakeDiscarded

_KINDS = (RecordingStarted, TakeMoved, UploadCreated, PartCut, PartAcknowledged, RecordingStopped)
_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in _KINDS}
_ANSWER: TypeAdapter[AnswerFact] = TypeAdapter(AnswerFact)
_KEY_PARTS = ("question", "key", "track", "place")
_OLD_KEY = 4  # characters at most: older versions used the number of the first take as key; a key now has 32


class _ChunkRow(BaseModel):
    question: Identifier
    key: TakeNumber | Nonce
    track: Track
    place: int = Field(strict=True, ge=0)
    size: int = Field(strict=True, ge=1)
    elapsed_s: Seconds
    media: Any = None  # None: dropped to make room, or never on the disk


def chunk_key(upload: RecordingId, place: float) -> tuple[str | float, ...]:
    key = int(upload.key) if len(upload.key) <= _OLD_KEY else upload.key
    return upload.question, key, upload.track.value, place


def _name(upload: RecordingId) -> str:
    """Return the value of the field `upload`, by which the rows of an upload's facts are found."""
    return f"{upload.question}/{upload.key}/{upload.track.value}"


# Facts to rows.


def put_chunk(fact: ChunkJournalled, place: int, media: Media | None) -> Put:
    """Return the row of a chunk. Without media, its size still gives the offset of the later chunks."""
    row: dict[str, object] = {"size": fact.size, "elapsed_s": fact.elapsed_s, "media": media}
    return Put("chunks", row, chunk_key(fact.upload, place))


def put_fact(fact: UploadFact) -> Put:
    kind = type(fact).__name__
    text = _ADAPTERS[kind].dump_json(fact).decode()
    return Put("facts", {"upload": _name(fact.upload), "kind": kind, "json": text})


def put_answer(fact: AnswerFact) -> Put:
    """Return the row of a question's last AnswerWritten; its last TakeDiscarded has a row of its own."""
    key = f"{fact.question}/discarded" if isinstance(fact, TakeDiscarded) else fact.record.question
    return Put("answers", _ANSWER.dump_json(fact).decode(), key)


def text_key(name: str) -> str:
    """Return the key of one of the session's own texts, in `answers`. No question has it: it begins with a slash."""
    return f"/{name}"


def put_text(name: str, text: str) -> Put:
    return Put("answers", text, text_key(name))


def delete_upload(upload: RecordingId) -> tuple[Delete, DeleteFacts]:
    """Return the changes that delete every row of an upload."""
    return Delete("chunks", chunk_key(upload, 0), chunk_key(upload, math.inf)), DeleteFacts(_name(upload))


# Rows to facts.


def read_chunk(key: Key, row: object) -> tuple[int, ChunkJournalled] | None:
    """Return a chunk and its place in its recording; None if the row is not ours or is damaged."""
    if not isinstance(key, tuple) or len(key) != len(_KEY_PARTS) or not isinstance(row, dict):
        return None
    try:
        read = _ChunkRow.model_validate(row | dict(zip(_KEY_PARTS, key, strict=True)))
    except ValidationError:
        return None
    if read.media is not None and getattr(read.media, "size", None) != read.size:
        return None
    recording = RecordingId(read.question, read.track, str(read.key))
    return read.place, ChunkJournalled(recording, read.size, read.elapsed_s)


def place_of(key: Key) -> object:
    """Return the place from a key that `chunk_key` has made; None if the key is no tuple."""
    return key[-1] if isinstance(key, tuple) else None


def media_of(row: object) -> Media | None:
    """Return a chunk's media; None if the row has none."""
    return row.get("media") if isinstance(row, dict) else None


def read_fact(row: object) -> UploadFact | None:
    """Return the fact in a row of `facts`; None if the row is not ours or is damaged."""
    kind, text = (row.get("kind"), row.get("json")) if isinstance(row, dict) else (None, None)
    if not isinstance(kind, str) or kind not in _ADAPTERS or not isinstance(text, str):
        return None
    fact: UploadFact | None = _read(_ADAPTERS[kind], _of_today(text))
    return fact


def _of_today(text: str) -> str:
    """Convert the JSON that older versions wrote for a fact. Return any other text unchanged: the caller checks it."""
    try:
        fact = json.loads(text)
        if "part_bytes" in fact:  # all parts were equal
            part_bytes = fact.pop("part_bytes")
            fact["parts"] = {"min_bytes": part_bytes, "max_bytes": part_bytes}
        if "take" in fact["upload"]:
            take = fact["upload"].pop("take")
            fact["upload"]["key"] = str(take)
            fact = {"take": take} | fact
    except (ValueError, KeyError, TypeError, AttributeError):
        return text
    return json.dumps(fact)


def read_answer(row: object) -> AnswerFact | None:
    """Return the fact in a row of `answers`; None if the row is not ours or is damaged."""
    answer: AnswerFact | None = _read(_ANSWER, row)
    return answer


def _read(adapter: TypeAdapter[Any], text: object) -> Any:
    try:
        return adapter.validate_json(text) if isinstance(text, str) else None
    except ValidationError:
        return None
