"""What a journal's rows say, read as a stranger's: a crash may have torn them, another page may have written them."""

from typing import Any

import js
from pydantic import BaseModel, Field, ValidationError

from app.browser.interop import optional
from app.contract import Identifier, Seconds, TakeNumber, Track
from app.core.upload.events import ChunkJournalled, UploadRef


class _ChunkRow(BaseModel):
    question: Identifier
    take: TakeNumber
    track: Track
    place: int = Field(strict=True, ge=0)
    size: int = Field(strict=True, ge=1)
    elapsed_s: Seconds


def read_chunk(js_key: Any, js_row: Any) -> tuple[int, ChunkJournalled] | None:
    """Return a chunk and its place in its recording; None for a row that is not ours, or not whole."""
    if not js.Array.isArray(js_key) or js_key.length != 4:
        return None
    js_media = optional(getattr(js_row, "media", None))
    named = dict(zip(("question", "take", "track", "place"), js_key, strict=True))
    told = {name: optional(getattr(js_row, name, None)) for name in ("size", "elapsed_s")}
    try:
        row = _ChunkRow.model_validate(named | told)
    except ValidationError:
        return None
    if js_media is not None and getattr(js_media, "size", None) != row.size:  # None: let go to make room
        return None
    return row.place, ChunkJournalled(UploadRef(row.question, row.take, row.track), row.size, row.elapsed_s)


def read_fact(js_fact: Any) -> tuple[str, str]:
    """Return a fact's kind and its JSON; "" for what the row does not have."""
    kind, text = (optional(getattr(js_fact, name, None)) for name in ("kind", "json"))
    return str(kind or ""), str(text or "")
