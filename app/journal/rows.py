"""What a journal's rows say, read as a stranger's: a crash may have torn them, another page may have written them."""

import json
from typing import Any

import js
from pydantic import BaseModel, Field, ValidationError

from app.browser.interop import optional
from app.contract import Identifier, Nonce, Seconds, TakeNumber, Track
from app.core.upload.events import ChunkJournalled, RecordingId

MAX_OLD_KEY = 4  # characters; a key of today has 32


class _ChunkRow(BaseModel):
    question: Identifier
    key: TakeNumber | Nonce
    track: Track
    place: int = Field(strict=True, ge=0)
    size: int = Field(strict=True, ge=1)
    elapsed_s: Seconds


def read_chunk(js_key: Any, js_row: Any) -> tuple[int, ChunkJournalled] | None:
    """Return a chunk and its place in its recording; None for a row that is not ours, or not whole."""
    if not js.Array.isArray(js_key) or js_key.length != 4:
        return None
    js_media = optional(getattr(js_row, "media", None))
    named = dict(zip(("question", "key", "track", "place"), js_key, strict=True))
    told = {name: optional(getattr(js_row, name, None)) for name in ("size", "elapsed_s")}
    try:
        row = _ChunkRow.model_validate(named | told)
    except ValidationError:
        return None
    if js_media is not None and getattr(js_media, "size", None) != row.size:  # None: let go to make room
        return None
    return row.place, ChunkJournalled(RecordingId(row.question, row.track, str(row.key)), row.size, row.elapsed_s)


def read_fact(js_fact: Any) -> tuple[str, str]:
    """Return a fact's kind and its JSON; "" for what the row does not have."""
    kind, text = (optional(getattr(js_fact, name, None)) for name in ("kind", "json"))
    return str(kind or ""), _of_today(str(text or ""))


def row_key(key: str) -> str | int:
    """Return how a recording's key stands in a row. Older versions named recordings by a number, their first take's."""
    return int(key) if len(key) <= MAX_OLD_KEY else key


def _of_today(text: str) -> str:
    """Return a fact's JSON as this version writes it. What cannot be read is left for others to refuse."""
    try:
        fact = json.loads(text)
        take = fact["upload"].pop("take")
    except (ValueError, KeyError, TypeError, AttributeError):
        return text
    fact["upload"]["key"] = str(take)
    return json.dumps({"take": take} | fact)
