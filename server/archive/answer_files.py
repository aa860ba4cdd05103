"""What a session's answers are: its answer.json, and recordings whose page did not come to write one."""

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

    def answers(self, stored: StoredSession) -> list[AnswerRecord]:
        """Return every answer, by question and take, with recordings that no answer.json names.

        The digest of those is not known, and their duration is 0: nobody has read them. `sessions export` measures it.
        """
        known = self._known(stored)
        return _sorted(known | _completed(stored, known))

    def write_missing(self, stored: StoredSession) -> list[AnswerRecord]:
        """Write answer.json for what none names yet; return the same."""
        known = self._known(stored)
        added = _completed(stored, known)
        for take, answer in added.items():
            body = answer.model_dump_json(indent=2).encode()
            self._storage.objects.write(stored.keys.answer(take.question, take.number), body, _JSON)
        return _sorted(known | added)

    def _known(self, stored: StoredSession) -> dict[_Take, AnswerRecord]:
        return {_Take(one.question, one.take): one for one in self._records.answers(stored)}


def _sorted(answers: dict[_Take, AnswerRecord]) -> list[AnswerRecord]:
    return sorted(answers.values(), key=lambda one: (one.question, one.take))


def _completed(stored: StoredSession, known: dict[_Take, AnswerRecord]) -> dict[_Take, AnswerRecord]:
    """Return the takes of which a recording is stored that `known` does not name, with it."""
    found = {}
    for take, tracks in _recorded(stored).items():
        before = known.get(take) or _begun(take, known)
        if added := {track: record for track, record in tracks.items() if track not in before.tracks}:
            found[take] = before.model_copy(update={"tracks": {**before.tracks, **added}})
    return found


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
