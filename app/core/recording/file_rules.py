"""Decide whether a file that was recorded elsewhere may be used as an answer."""

from dataclasses import dataclass
from enum import StrEnum

from app.contract import Question, Track

GRACE_S = 1.0  # a two-minute file is often a few frames longer
# The browsers' content types of the files that we accept, and ours. An m4a file is an MP4 file with sound only.
_TYPES = {
    Track.VIDEO: {"video/mp4": "video/mp4", "video/x-m4v": "video/mp4", "video/webm": "video/webm"},
    Track.AUDIO: {
        "audio/mp4": "audio/mp4",
        "audio/x-m4a": "audio/mp4",
        "audio/m4a": "audio/mp4",
        "audio/webm": "audio/webm",
    },
}
# How the files start: ISO/IEC 14496-12, 4.3 (after the box's size) and RFC 8794, 8.1.
_MP4_PLACE, _MP4_MARK = 4, b"ftyp"
_WEBM_MARK = b"\x1a\x45\xdf\xa3"
HEAD_BYTES = 16  # enough to find either mark


class FileFault(StrEnum):
    EMPTY = "empty"
    WRONG_TYPE = "wrong-type"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"  # the browser's player cannot open it
    TOO_LONG = "too-long"
    STAYS_TOO_LARGE = "stays-too-large"  # the browser could not make it small enough


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known about a chosen file without reading all of it."""

    size: int  # bytes
    content_type: str  # as the browser guesses it from the name
    head: bytes  # its first HEAD_BYTES
    duration_s: float | None  # None: the browser's player cannot open it


def track_of(question: Question) -> Track:
    """Return the track that a file provides: video if the question asks for it, else audio."""
    return Track.VIDEO if Track.VIDEO in question.tracks else Track.AUDIO


def accepted_types(question: Question) -> tuple[str, ...]:
    """Return the content types to offer in a file dialogue."""
    return tuple(_TYPES[track_of(question)])


def content_type_of(facts: FileFacts, question: Question) -> str | None:
    """Return the content type to store the file with; None if we do not accept it, or its head has another type."""
    content_type = _TYPES[track_of(question)].get(facts.content_type.lower())
    if content_type is None:
        return None
    is_mp4 = facts.head[_MP4_PLACE : _MP4_PLACE + len(_MP4_MARK)] == _MP4_MARK
    is_as_named = is_mp4 if content_type.endswith("mp4") else facts.head.startswith(_WEBM_MARK)
    return content_type if is_as_named else None


def fault_of(facts: FileFacts, question: Question, *, is_shrinkable: bool = False) -> FileFault | None:
    """Return the first reason against the file; None if it may be used. Size is no reason if it `is_shrinkable`.

    Raises ValueError if the question accepts no file.
    """
    if question.file is None:
        raise ValueError(f"question {question.id!r} takes no file")
    faults = (
        (FileFault.EMPTY, facts.size == 0),
        (FileFault.WRONG_TYPE, content_type_of(facts, question) is None),
        (FileFault.TOO_LARGE, facts.size > question.file.max_bytes and not is_shrinkable),
        (FileFault.UNREADABLE, facts.duration_s is None),
        (FileFault.TOO_LONG, (facts.duration_s or 0.0) > question.limit_s + GRACE_S),
    )
    return next((fault for fault, is_so in faults if is_so), None)
