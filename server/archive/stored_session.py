"""One session, as the lists of the bucket show it: no object has to be read for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from server.archive.places import TakePlace, take_place
from server.signer.object_keys import SessionKeys
from server.store.inventory import ListedObject
from server.store.multipart import OpenUpload


class State(StrEnum):
    SUBMITTED = "submitted"
    UNFINISHED = "unfinished"  # there is an answer, or the beginning of one
    OPENED = "opened"  # nothing was answered


@dataclass(frozen=True, slots=True)
class StoredSession:
    keys: SessionKeys
    objects: tuple[ListedObject, ...] = ()
    uploads: tuple[OpenUpload, ...] = ()  # of recordings; a device's claim and a connection check are none
    others: tuple[OpenUpload, ...] = ()  # those

    @property
    def state(self) -> State:
        if self.submitted_at is not None:
            return State.SUBMITTED
        has_answers = bool(self.uploads) or any(True for _ in self.answers())
        return State.UNFINISHED if has_answers else State.OPENED

    @property
    def submitted_at(self) -> float | None:
        """Return when submission.json was written, in Unix seconds; None: the session is not closed."""
        return next((one.modified_at for one in self.objects if one.key == self.keys.submission), None)

    @property
    def touched_at(self) -> float:
        """Return when something last happened in it, as far as the lists tell, in Unix seconds."""
        begun = (one.started_at or 0.0 for one in (*self.uploads, *self.others))
        return max([*(one.modified_at for one in self.objects), *begun], default=0.0)

    @property
    def size(self) -> int:
        return sum(one.size for one in self.objects)

    def answers(self) -> Iterator[tuple[TakePlace, ListedObject]]:
        """Yield what is stored of answers: recordings and answer.json."""
        for one in self.objects:
            if (place := take_place(self.keys, one.key)) is not None:
                yield place, one

    def recordings(self) -> list[tuple[TakePlace, ListedObject]]:
        return [(place, one) for place, one in self.answers() if place.track is not None]

    def has(self, key: str) -> bool:
        return any(one.key == key for one in self.objects)

    @property
    def is_left_open(self) -> bool:
        """Return whether an upload is open, or a recording lies without its answer.json."""
        answered = {(place.question, place.take) for place, _ in self.answers() if place.track is None}
        return bool(self.uploads) or any((one.question, one.take) not in answered for one, _ in self.recordings())

    def stopped_at(self) -> str | None:
        """Return the question at which something was last stored, or an upload begun; None: at none."""
        stored = [(one.modified_at, place.question) for place, one in self.answers()]
        begun = [
            (one.started_at or 0.0, place.question)
            for one in self.uploads
            if (place := take_place(self.keys, one.key)) is not None
        ]
        return max([*stored, *begun], default=(0.0, None))[1]
