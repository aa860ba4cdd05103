"""Join the report of an earlier visit, before a reload or a crash, with that of this one."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from app.contract.efficiency import Efficiency, Step, UploadEfficiency
from app.contract.reasons import Reason
from app.core.metrics.upload_meter import rounded

_Figure = TypeVar("_Figure", int, float)
_STEPS = list(Step)


def joined(earlier: Efficiency, now: Efficiency, takes: Sequence[Collection[int]]) -> Efficiency:
    """Return the figures of both visits. What only this visit can tell, such as `answered`, is `now`'s.

    `takes` are the take numbers that each upload of `now` has had: a number may move, and the recording stays the same.
    """
    uploads = joined_uploads(earlier.uploads, now.uploads, takes)
    return now.model_copy(
        update={
            "step": max(earlier.step, now.step, key=_STEPS.index),
            "layout": now.layout or earlier.layout,
            "visits": earlier.visits + now.visits,
            "failed": earlier.failed + now.failed,
            "open_s": rounded(earlier.open_s + now.open_s),
            "total_s": _sum(earlier.total_s, now.total_s),
            "first_byte_s": earlier.first_byte_s if earlier.first_byte_s is not None else now.first_byte_s,
            "wait_s": now.wait_s if now.wait_s is not None else earlier.wait_s,
            "offline_s": rounded(earlier.offline_s + now.offline_s),
            "peak_backlog": max(earlier.peak_backlog, now.peak_backlog),
            "peak_memory": _max(earlier.peak_memory, now.peak_memory),
            "longest_task_s": _max(earlier.longest_task_s, now.longest_task_s),
            "stalls": earlier.stalls + now.stalls,
            "retries": _causes(earlier.retries, now.retries),
            "retried": earlier.retried + now.retried,
            "recovered": earlier.recovered + now.recovered,
            "bytes_per_second": now.bytes_per_second or earlier.bytes_per_second,
            # Of the earlier uploads that are no longer listed; `summed` adds the others.
            "omitted": earlier.omitted,
            "recorded": earlier.recorded - sum(one.size for one in earlier.uploads),
            "recorded_s": max(0.0, rounded(earlier.recorded_s - sum(one.duration_s for one in earlier.uploads))),
            "sent": earlier.sent - sum(one.sent for one in earlier.uploads),
            "sent_twice": earlier.sent_twice - sum(one.sent_twice for one in earlier.uploads),
            "uploads": uploads,
        }
    )


def joined_uploads(
    earlier: Iterable[UploadEfficiency], now: Iterable[UploadEfficiency], takes: Iterable[Collection[int]]
) -> tuple[UploadEfficiency, ...]:
    """Return the uploads of both visits, those that go on in this one joined."""
    before = list(earlier)
    following = []
    for one, numbers in zip(now, takes, strict=True):
        same = next((old for old in before if _is_same(old, one) and old.take in numbers), None)
        if same is not None:
            before.remove(same)
        following.append(one if same is None else _joined_upload(same, one))
    return (*before, *following)


def _is_same(one: UploadEfficiency, other: UploadEfficiency) -> bool:
    return (one.question, one.track) == (other.question, other.track)


def _joined_upload(earlier: UploadEfficiency, now: UploadEfficiency) -> UploadEfficiency:
    sent, sending_s = earlier.sent + now.sent, rounded(earlier.sending_s + now.sending_s)
    return now.model_copy(
        update={
            "sent": sent,
            "sent_twice": max(0, sent - now.size),
            "sending_s": sending_s,
            "bytes_per_second": round(sent / sending_s) if sending_s else None,
            "queued_s": rounded(earlier.queued_s + now.queued_s),
            "stalls": earlier.stalls + now.stalls,
            "retries": _causes(earlier.retries, now.retries),
            "retried": earlier.retried + now.retried,
            "recovered": earlier.recovered + now.recovered,
            "rung": earlier.rung,
            "rate_changes": earlier.rate_changes + now.rate_changes,
            "thinned_s": rounded(earlier.thinned_s + now.thinned_s),
            "stored_at_stop": now.stored_at_stop if earlier.stored_at_stop is None else earlier.stored_at_stop,
            "wait_s": now.wait_s if earlier.wait_s is None else earlier.wait_s,
        }
    )


def _causes(*counts: dict[Reason, int]) -> dict[Reason, int]:
    return dict(sum((Counter(one) for one in counts), Counter[Reason]()))


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None and other is None else rounded((one or 0.0) + (other or 0.0))


def _max(one: _Figure | None, other: _Figure | None) -> _Figure | None:
    return max((figure for figure in (one, other) if figure is not None), default=None)
