"""What uploads have come to, written into the answers."""

from collections.abc import Mapping

from app.contract import AnswerRecord
from app.core.session.answers import Answer
from app.core.upload.events import RecordingId, TakeMoved, UploadCompleted
from app.core.upload.upload import Upload


def note_completion(
    answers: Mapping[str, Answer], uploads: Mapping[RecordingId, Upload], fact: UploadCompleted
) -> AnswerRecord | None:
    """Return the answer.json to write (anew) once all of a take is in the store; None: not yet, or none that counts."""
    answer, upload = answers[fact.upload.question], uploads[fact.upload]
    record = upload.record(fact)
    discarded = answer.discarded
    if discarded is not None and upload.ref.key == discarded.key and record is not None:
        discarded.tracks[fact.upload.track] = record  # nobody is told before it counts again
        return None
    if upload.ref.key != answer.key or record is None:
        return None
    answer.tracks[fact.upload.track] = record
    return answer.record() if answer.given and answer.is_stored else None


def note_move(answers: Mapping[str, Answer], uploads: Mapping[RecordingId, Upload], fact: TakeMoved) -> Answer:
    """Return the answer whose take goes to the bucket under another number, as it is now."""
    answer = answers[fact.upload.question]
    tracks = frozenset(one.ref.track for one in uploads.values() if one.ref.is_same_take(fact.upload))
    answer.move_take(fact.take, tracks)
    return answer
