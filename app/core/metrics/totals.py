"""Add the figures of a session that follow from those of its uploads."""

from collections.abc import Iterable

from app.contract.efficiency import MAX_REPORTED_UPLOADS, Efficiency, UploadEfficiency
from app.core.metrics.score import advice, score
from app.core.metrics.upload_meter import rounded


def summed(report: Efficiency) -> Efficiency:
    """Return `report` with its sums, its score and its advice. Of very many uploads, the oldest are left out."""
    uploads = report.uploads
    left_out = max(0, len(uploads) - MAX_REPORTED_UPLOADS)
    whole = report.model_copy(
        update={
            "recorded": report.recorded + sum(one.size for one in uploads),
            "recorded_s": rounded(report.recorded_s + sum(one.duration_s for one in uploads)),
            "sent": report.sent + sum(one.sent for one in uploads),
            "sent_twice": report.sent_twice + sum(one.sent_twice for one in uploads),
            "overlap": _overlap(uploads),
            "omitted": report.omitted + left_out,
            "uploads": uploads[left_out:],
        }
    )
    return whole.model_copy(update={"score": score(whole), "advice": advice(whole)})


def _overlap(uploads: Iterable[UploadEfficiency]) -> float | None:
    """Return the share of the recorded bytes that was stored before Stop; None if nothing was stopped."""
    stopped = [(one.size, one.stored_at_stop) for one in uploads if one.stored_at_stop is not None and one.size]
    sizes = sum(size for size, _ in stopped)
    return rounded(sum(size * share for size, share in stopped) / sizes) if sizes else None
