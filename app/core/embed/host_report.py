"""Turn the facts and the progress of a session into messages to the host page."""

from collections.abc import Iterator

from app.contract import InterviewGrant, SubmissionReceipt, efficiency
from app.contract.embed.outbound import (
    AnswerCompleted,
    BackOnline,
    Efficiency,
    IsOffline,
    PageMessage,
    PartUploaded,
    RecordingStarted,
    RecordingStopped,
    SafeToClose,
    Submitted,
    UploadError,
    UploadProgress,
    UploadRetry,
    UploadSuccess,
)
from app.contract.reasons import Reason
from app.core import errors
from app.core.embed.reasons import failed_tracks, reason_of, refused_objects
from app.core.upload import events
from app.core.upload.commands import ProbeEndpoints, StoreAnswer
from app.core.upload.progress import SessionProgress, TrackState
from app.core.upload.recording_id import RecordingId

PROGRESS_S = 0.5  # at least, between two `upload-progress` messages while bytes move


class HostReport:
    """Follow one session, and yield the messages about it."""

    def __init__(self, grant: InterviewGrant) -> None:
        self._spoken = {question.id for question in grant.interview.questions if question.tracks}
        self._is_replaying = True  # the facts of an earlier visit come first; that visit has reported them
        self._progress: SessionProgress | None = None
        self._sent: UploadProgress | None = None
        self._sent_at = 0.0
        self._takes: dict[RecordingId, int] = {}  # each recording's current take number
        self._reasons: dict[RecordingId, Reason] = {}  # of the last failure
        self._completed: set[AnswerCompleted] = set()

    def note(self, fact: events.Fact) -> Iterator[PageMessage]:
        if isinstance(fact, events.RecordingStarted | events.TakeMoved):
            self._takes[fact.upload] = fact.take
        if isinstance(fact, events.Restored):
            self._is_replaying = False
        if self._is_replaying:
            return
        match fact:
            case events.RecordingStarted(upload=ref, take=take):
                yield RecordingStarted(question=ref.question, take=take, track=ref.track)
            case events.RecordingStopped(upload=ref) if ref in self._takes:  # else it recorded nothing
                yield RecordingStopped(
                    question=ref.question,
                    take=self._takes[ref],
                    track=ref.track,
                    duration_s=round(fact.duration_s, 3),
                    interrupted=fact.interrupted,
                )
            case events.PartAcknowledged(upload=ref, number=number):
                yield PartUploaded(question=ref.question, take=self._takes[ref], track=ref.track, number=number)
            case events.UploadCompleted(upload=ref, size=size):
                yield UploadSuccess(question=ref.question, take=self._takes[ref], track=ref.track, size=size)
            case events.AnswerStored():
                yield from self._note_stored(fact)
            case events.CommandFailed():
                yield from self._note_failure(fact)

    def _note_stored(self, fact: events.AnswerStored) -> Iterator[PageMessage]:
        record = fact.record
        told = AnswerCompleted(question=record.question, take=record.take, tracks=tuple(sorted(record.tracks)))
        tracks = self._progress.tracks if self._progress else ()
        is_whole = all(
            track.state is TrackState.COMPLETED
            for track in tracks
            if (track.upload.question, track.take) == (record.question, record.take)
        )
        is_given = bool(record.tracks if record.question in self._spoken else (record.text or "").strip())
        if is_given and is_whole and told not in self._completed:  # typed text is stored again and again
            self._completed.add(told)
            yield told

    def _note_failure(self, fact: events.CommandFailed) -> Iterator[PageMessage]:
        command, error = fact.command, fact.error
        reason = reason_of(error)
        if isinstance(command, ProbeEndpoints):
            return  # a probe belongs to no answer
        if isinstance(command, StoreAnswer):
            question, take, track = command.record.question, command.record.take, None
        else:
            ref = command.upload
            question, take, track = ref.question, self._takes[ref], ref.track
            self._reasons[ref] = reason  # `show` reports it if the upload has failed
        if isinstance(error, errors.Retryable):
            yield UploadRetry(question=question, take=take, track=track, reason=reason)
        elif isinstance(error, errors.Fatal) and track is None:
            yield UploadError(question=question, take=take, track=None, reason=reason)

    def show(self, progress: SessionProgress, now: float) -> Iterator[PageMessage]:
        """Yield messages about what has changed since the last `progress`."""
        before, self._progress = self._progress, progress
        refused, known = refused_objects(progress), failed_tracks(before)
        for ref, take in failed_tracks(progress).items():
            if ref not in known:
                reason = refused.get((ref.question, take, ref.track)) or self._reasons.get(ref, Reason.OTHER)
                yield UploadError(question=ref.question, take=take, track=ref.track, reason=reason)
        for (question, take, track), reason in refused.items() - refused_objects(before).items():
            if track is None:  # tracks were reported above
                yield UploadError(question=question, take=take, track=None, reason=reason)
        was_offline = before is not None and before.is_offline
        if progress.is_offline != was_offline:
            yield IsOffline() if progress.is_offline else BackOnline()
        yield from self._figures(progress, now)
        was_safe = before is None or before.is_safe  # at the start nothing is recorded
        if progress.is_safe != was_safe:
            yield SafeToClose(is_safe=progress.is_safe)

    def _figures(self, progress: SessionProgress, now: float) -> Iterator[PageMessage]:
        told = UploadProgress(
            recorded=progress.recorded,
            acknowledged=progress.acknowledged,
            backlog=progress.backlog,
            percent=progress.percent,
            bytes_per_second=_rounded(progress.bytes_per_second, 0),
            remaining_s=_rounded(progress.remaining_s, 1),
        )
        # While nothing moves, these may be the last figures for a long time: do not hold them back.
        is_standing = progress.is_safe or progress.is_paused or progress.is_offline or progress.has_failed
        is_due = is_standing or now - self._sent_at >= PROGRESS_S
        if told != self._sent and progress.recorded and is_due:
            self._sent, self._sent_at = told, now
            yield told

    def submitted(self, receipt: SubmissionReceipt, report: efficiency.Efficiency | None) -> Iterator[PageMessage]:
        yield Submitted(submitted_at=receipt.submitted_at, answers=len(receipt.answers))
        if report is None or report.overlap is None or report.wait_s is None:
            return  # nothing was recorded on this device
        yield Efficiency(recorded=report.recorded, stored_at_stop=report.overlap, waited_s=report.wait_s, report=report)


def _rounded(figure: float | None, digits: int) -> float | None:
    return None if figure is None else round(figure, digits)
