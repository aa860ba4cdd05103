"""What identifies a recording."""

from dataclasses import dataclass

from app.contract import Track


@dataclass(frozen=True, slots=True)
class RecordingId:
    """Identify one recording and its upload permanently: one track of one take at one question.

    The take number is not part of it: it changes if another device has stored a take with the same number.
    """

    question: str
    track: Track
    key: str  # of the take: both its tracks have the same key

    def is_same_take(self, other: "RecordingId") -> bool:
        return (self.question, self.key) == (other.question, other.key)
