"""answer.json of takes whose page did not come to write it."""

from dataclasses import dataclass

from app.contract import AnswerRecord, Track, TrackRecord
from server.archive.records import Records
from server.archive.stored_session import StoredSession
from server.store.storage import Storage

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Take:
    question: str
    number: int


class AnswerFiles:
    def __init__(self, storage: Storage, records: Records) -> None:
        self._storage = storage
        self._records = records

    def write_missing(self, stored: StoredSession) -> list[AnswerRecord]:
        """Add every recording that no answer.json names to its take's; return all answers, by question and take.

        Their digest is not known, and their duration is 0: the signer reads no media. `sessions export` measures it.
        """
        known = {_Take(one.question, one.take): one for one in self._records.answers(stored)}
        for take, tracks in _recorded(stored).items():
            before = known.get(take) or _begun(take, known)
            if added := {track: record for track, record in tracks.items() if track not in before.tracks}:
                known[take] = before.model_copy(update={"tracks": {**before.tracks, **added}})
                body = known[take].model_dump_json(indent=2).encode()
                self._storage.objects.write(stored.keys.answer(take.question, take.number), body, _JSON)
        return sorted(known.values(), key=lambda one: (one.question, one.take))


def _recorded(stored: StoredSession) -> dict[_Take, dict[Track, TrackRecord]]:
    found: dict[_Take, dict[Track, TrackRecord]] = {}
    for place, one in stored.recordings():
        if place.track is not None and one.size:
            found.setdefault(_Take(place.question, place.take), {})[place.track] = TrackRecord(
                key=one.key,
                size=one.size,
                sha256=None,
                content_type=place.content_type,
                duration_s=0.0,
                interrupted=True,
            )
    return found


def _begun(take: _Take, known: dict[_Take, AnswerRecord]) -> AnswerRecord:
    """Return the record of a take that has none, with the newest text of the same question: texts outlive takes."""
    texts = [one for at, one in known.items() if at.question == take.question and one.text is not None]
    newest = max(texts, key=lambda one: (one.revision, one.take), default=None)
    return AnswerRecord(
        question=take.question,
        take=take.number,
        text=newest.text if newest else None,
        revision=newest.revision if newest else 0,
    )
