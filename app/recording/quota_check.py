"""Check whether the next answer fits on the device."""

from app.contract import Question, Track, UploadPolicy
from app.core.ports import Ports
from app.core.session.notice_events import QuotaChecked


async def check_quota(question: Question, policy: UploadPolicy, ports: Ports) -> None:
    """Warn if a full-length answer may exceed the quota; request persistent storage, which may have a larger one.

    Firefox asks the candidate then, who may never answer.
    """
    await _check(question, policy, ports)
    await ports.journal.persist()
    await _check(question, policy, ports)


async def _check(question: Question, policy: UploadPolicy, ports: Ports) -> None:
    space = await ports.journal.space()
    ports.view.note(QuotaChecked(is_enough=space is None or space >= _longest(question, policy)))


def _longest(question: Question, policy: UploadPolicy) -> float:
    """Return the approximate size of a full-length answer, in bytes."""
    video = policy.video_bits_per_second + policy.video_audio_bits_per_second
    rates = {Track.VIDEO: video, Track.AUDIO: policy.audio_bits_per_second}
    return question.limit_s * sum(rates[track] for track in question.tracks) / 8
