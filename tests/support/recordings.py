"""What recorders gave, over all visits of a page, and what of it must be in the store."""

import hashlib
from collections.abc import Callable, Mapping
from random import Random

from app.contract import AnswerRecord
from app.core.session.answers import COUNTS_FROM_S
from app.core.upload.events import PartCut
from app.core.upload.recording_id import RecordingId
from tests.support.fake_devices import FakeRecorder
from tests.support.fake_journal import WatchedDisk
from tests.support.fake_store import FakeStore, document_of, object_key


class Recordings:
    """Follow each recording from its recorder over disk and memory to its object.

    They are named as the page names them. In the bucket one may go by a higher take number: where the page has
    forgotten what it had stored, or knows of less than the store.
    """

    def __init__(self, store: FakeStore, disk: WatchedDisk, now: Callable[[], float]) -> None:
        self.given: dict[RecordingId, bytes] = {}  # in this visit or an earlier one
        self.given_up: set[RecordingId] = set()
        self._store = store
        self._disk = disk
        self._now = now  # seconds
        self._numbers: dict[RecordingId, int] = {}  # the take number that each has begun with
        self._least: dict[RecordingId, int] = {}  # bytes that must arrive; where it is not said: all
        self._strange: set[str] = set()  # keys of objects of which the page knows nothing any more
        self._recorders: dict[RecordingId, FakeRecorder] = {}
        self._began_at: dict[RecordingId, float] = {}  # those of this visit

    # Before a crash.

    def begin(self, ref: RecordingId, take: int, recorder: FakeRecorder) -> None:
        assert ref not in self.given, "two recordings have one key"
        # A full disk may not remember a retake, nor what was in memory alone: then its number is free again.
        for other in [one for one in self._of_track(ref) if self._numbers[one] == take]:
            is_free = not self.given[other] or other in self.given_up or not self._least.get(other, 1)
            assert is_free, "a take was recorded twice under one number"
            self._strange |= {object_key(ref, take)} & self._store.objects.keys()
            del self.given[other], self._numbers[other]
            self.given_up.discard(other)
            self._least.pop(other, None)
            self._recorders.pop(other, None)
        self._recorders[ref], self.given[ref], self._numbers[ref] = recorder, b"", take
        self._began_at[ref] = self._now()

    def number_of(self, ref: RecordingId) -> int:
        """Return the take number that a recording has begun with."""
        return self._numbers[ref]

    def _of_track(self, ref: RecordingId) -> list[RecordingId]:
        """Return what was recorded at this question on this track."""
        return [one for one in self.given if (one.question, one.track) == (ref.question, ref.track)]

    def speak(self, size: int) -> None:
        """Let every running recorder give a chunk."""
        for ref, recorder in self._recorders.items():
            if not recorder.is_stopped:
                # Bytes that fit nowhere else: one in the wrong place is seen.
                content = Random(f"{ref}{len(self.given[ref])}").randbytes(size)
                self.given[ref] += content
                recorder.give(content)

    @property
    def is_under_way(self) -> bool:
        return any(not recorder.is_stopped for recorder in self._recorders.values())

    @property
    def questions(self) -> list[str]:
        """Return where something was recorded in this visit."""
        return [ref.question for ref in self._recorders]

    def give_up(self, question: str, take: int) -> None:
        self.given_up |= {ref for ref in self.given if ref.question == question and self.is_of(ref, take)}

    # After it.

    def crash(self) -> None:
        """Look at what a crash has left: it need not be more than the disk has, and not less."""
        stored = self._answered()
        for ref in list(self.given):
            kept = self._disk.kept(ref)
            if not self._is_anywhere(ref):
                self._check_kept(ref, kept)
                self._least[ref] = min(self._least.get(ref, len(self.given[ref])), len(kept))
            elif not kept and object_key(ref, self._numbers[ref]) not in stored:
                self._least[ref] = 0  # there it is, but nobody may know
        for ref in filter(self._may_be_dropped, self._recorders):
            self._least[ref] = 0
        self._recorders, self._began_at = {}, {}

    def _may_be_dropped(self, ref: RecordingId) -> bool:
        """Whether a recording is too short to replace the discarded take, which can be brought back instead."""
        is_over_discarded = any(other.question == ref.question for other in self.given_up)
        return is_over_discarded and self._now() - self._began_at[ref] < COUNTS_FROM_S

    def _check_kept(self, ref: RecordingId, kept: bytes) -> None:
        """What the disk has taken is there until its object is."""
        assert self.given[ref].startswith(kept), "the journal has other bytes than were recorded"
        if ref not in self.given_up and self._least.get(ref, 1):
            assert len(kept) >= self._disk.safe.get(ref, 0), f"{ref}: rows have gone before the object was there"

    def _answered(self) -> set[str]:
        """Return the keys of which the bucket or the disk has an answer's record."""
        noted = (fact.record for fact in self._disk.answers.values())
        return {track.key for record in (*self._store.answers(), *noted) for track in record.tracks.values()}

    # In the store.

    def is_of(self, ref: RecordingId, take: int) -> bool:
        """Whether `ref` is what goes by this take number in the bucket."""
        numbers = [self._numbers[one] for one in self._of_track(ref) if self._numbers[one] <= take]
        return self._numbers.get(ref) == max(numbers, default=None)

    def _is_anywhere(self, ref: RecordingId) -> bool:
        return any(self.is_of(ref, take) and self.is_stored(ref, take) for take in range(1, 10))

    def is_stored(self, ref: RecordingId, take: int) -> bool:
        """Whether the object of this number is there; if so, it must be right."""
        content = self._store.objects.get(object_key(ref, take))
        if content is None or object_key(ref, take) in self._strange:
            return False
        given = self.given.get(ref, b"")
        assert given.startswith(content), f"{ref}: the object is not what was recorded"
        assert len(content) >= self._least.get(ref, len(given)), f"{ref}: the object is too short"
        return True

    def parts(self) -> set[str]:
        """Return what the store holds as the journal has it: parts that nobody needs to send.

        Not the short last ones: where a full disk has not taken a recording's end, they are cut only after the look.
        """
        refs = {object_key(ref, self._numbers[ref]): ref for ref in self.given}
        held = set()
        cuts = {
            (fact.upload, fact.part.offset, fact.part.end) for fact in self._disk.facts if isinstance(fact, PartCut)
        }
        for handle, upload in self._store.uploads.items():
            ref = refs.get(upload.key)
            recorded = self._disk.kept(ref) if ref is not None else b""
            for name, offset, content in self._store.held(handle):
                end = offset + len(content)
                is_known = self._store.has_equal_parts or (ref, offset, end) in cuts
                if is_known and content == recorded[offset:end]:
                    held.add(name)
        return held

    def check_answer(self, question: str, take: int, receipts: Mapping[str, AnswerRecord]) -> None:
        """A take is in the store as it was submitted, and nothing of it is left out."""
        for ref, content in self.given.items():
            is_retaken = ref in self.given_up and self._numbers[ref] < take
            is_asked_for = ref.question == question and self.is_of(ref, take) and not is_retaken
            if is_asked_for and content and self._least.get(ref, 1):
                assert question in receipts, f"{ref} was recorded, and its question has no answer"
                self._check_record(ref, take, receipts[question])

    def _check_record(self, ref: RecordingId, take: int, answer: AnswerRecord) -> None:
        key = object_key(ref, take)
        assert self.is_stored(ref, take), f"{ref} is not in the store"
        stored = AnswerRecord.model_validate_json(self._store.documents[document_of(ref.question, take)])
        assert stored == answer, "answer.json is not what was submitted"
        record, content = stored.tracks[ref.track], self._store.objects[key]
        assert (record.key, record.size) == (key, len(content))
        is_whole = content == self.given[ref]
        assert is_whole or record.interrupted, "a recording without its end is shown as whole"
        is_unknown = record.sha256 is None and record.interrupted  # its beginning is in the store alone
        assert is_unknown or record.sha256 == hashlib.sha256(content).hexdigest(), "the digest is another's"
