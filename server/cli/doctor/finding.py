"""What a check finds."""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    FAULT = "fault"  # an interview cannot be finished, or what it stores is lost or never cleared
    NOTE = "note"  # the operator should know it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `text` says what, and how to fix it; it never quotes a URL's query or a header."""

    severity: Severity
    text: str


class CannotGoOn(Exception):
    """Nothing more can be learned from this store; `str()` says what to do."""


def fault(text: str) -> Finding:
    return Finding(Severity.FAULT, text)


def note(text: str) -> Finding:
    return Finding(Severity.NOTE, text)
