"""Summarise the scheduler's state as the progress that the page shows."""

from collections.abc import Iterator

from app.core.upload.parts import LARGEST
from app.core.upload.progress import Refusal, SessionProgress, TrackProgress, TrackState
from app.core.upload.scheduler import Scheduler
from app.core.upload.steps import Step, StepState
from app.core.upload.upload import Upload

_WAITS_FOR_NO_LINE = (TrackState.COMPLETED, TrackState.FAILED)


def snapshot(scheduler: Scheduler, now: float) -> SessionProgress:
    """Return the progress of a session at clock second `now`."""
    uploads = [upload for upload in scheduler.uploads.values() if upload.counts]
    # After a loss, more is left to send than the backlog says.
    rest = sum(upload.recorded - upload.parts.acknowledged_size for upload in uploads)
    speed = scheduler.in_flight.bytes_per_second(now)
    is_moving = bool(speed) and not (scheduler.is_paused or scheduler.in_flight.connectivity.is_silent)
    tracks = tuple(_track(upload, scheduler) for upload in uploads)
    return SessionProgress(
        tracks=tracks,
        recorded=sum(upload.recorded for upload in uploads),
        acknowledged=sum(upload.parts.shown_size for upload in uploads),
        bytes_per_second=speed,
        remaining_s=rest / speed if speed and is_moving else None,
        is_safe=all(upload.is_completed for upload in uploads)
        and all(document.step.state is StepState.DONE for document in scheduler.documents.values()),
        is_paused=scheduler.is_paused,
        is_offline=scheduler.is_offline,
        is_captive_portal=scheduler.in_flight.connectivity.is_captive_portal,
        is_signer_invalid=scheduler.in_flight.connectivity.is_signer_invalid,
        is_store_away=scheduler.in_flight.connectivity.is_store_away,
        has_failed=any(step.has_failed for step in scheduler.steps()),
        refusals=tuple(_refusals(scheduler)),
        unstored=frozenset(
            question
            for (question, _), document in scheduler.documents.items()
            if document.step.state is not StepState.DONE
        ),
        unsent=sum(
            upload.unsent
            for upload, track in zip(uploads, tracks, strict=True)
            if track.state not in _WAITS_FOR_NO_LINE
        ),
    )


def _refusals(scheduler: Scheduler) -> Iterator[Refusal]:
    """Yield at most one refusal per upload and per answer.json."""
    for upload in scheduler.uploads.values():
        sent, ref = upload.parts.refused(), upload.ref
        step = upload.opening if _is_refused(upload.opening) else sent.step if sent is not None else None
        if step is not None and step.trouble is not None and upload.counts:
            size = sent.part.size if sent is not None else upload.part_bytes_at_most or LARGEST
            yield Refusal(step.trouble, ref.question, upload.take, ref.track, size, step.problem)
    for (question, take), document in scheduler.documents.items():
        if document.step.has_failed and document.step.trouble is not None:
            yield Refusal(document.step.trouble, question, take, None, None, document.step.problem)


def _is_refused(step: Step) -> bool:
    """Return whether only the operator can help."""
    return step.has_failed and step.trouble is not None


def _track(upload: Upload, scheduler: Scheduler) -> TrackProgress:
    return TrackProgress(
        upload=upload.ref,
        take=upload.take,
        state=_state(upload, scheduler),
        recorded=upload.recorded,
        acknowledged=upload.parts.shown_size,
        is_recording=upload.stopped is None,
        problem=next((step.problem for step in upload.steps() if step.problem), ""),
        is_sending=upload.is_sending,
    )


def _state(upload: Upload, scheduler: Scheduler) -> TrackState:
    """Return the first state that holds: what a candidate most needs to know comes first."""
    steps = list(upload.steps())
    checks = (
        (TrackState.COMPLETED, upload.is_completed),
        (TrackState.FAILED, any(step.has_failed for step in steps)),
        (TrackState.RECORDING, upload.stopped is None),
        (TrackState.PAUSED, scheduler.is_paused),
        (TrackState.OFFLINE, scheduler.is_offline),
        (TrackState.RETRYING, any(step.failures for step in steps)),
        (TrackState.UPLOADING, any(step.is_in_flight for step in steps)),
    )
    return next((state for state, holds in checks if holds), TrackState.QUEUED)
