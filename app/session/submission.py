"""Hand the interview in, once everything is stored."""

from contextlib import suppress

from app.contract import Submission, SubmissionReceipt, UploadPolicy
from app.core.errors import AlreadySubmitted, JournalFull, Retryable, TakenOver, UploadError
from app.core.notices import Notice, Topic
from app.core.ports import Ports
from app.core.upload.retry import wait_for

TRIES = 4  # then the candidate is told, and may press again


async def submit(submission: Submission, ports: Ports, policy: UploadPolicy) -> bool:
    """Submit, and show what came of it. Return True when the session is over."""
    view = ports.view
    try:
        receipt = await _hand_in(submission, ports, policy)
    except AlreadySubmitted:
        view.show_dead_end(Notice(Topic.ALREADY_SUBMITTED))
    except TakenOver:
        view.show_dead_end(Notice(Topic.ON_OTHER_DEVICE))
        return True
    except UploadError as error:
        view.show_submitting(False)
        view.show_notice(Notice(Topic.SUBMIT_FAILED, detail=str(error)))
        return False
    else:
        view.show_receipt(receipt)
        ports.host.show_receipt(receipt)
    with suppress(JournalFull):  # then it is swept once the session is long over
        await ports.journal.clear()
    return True


async def _hand_in(submission: Submission, ports: Ports, policy: UploadPolicy) -> SubmissionReceipt:
    """Submit, again where it may help: the signer gives the same receipt however often it is asked."""
    for failures in range(1, TRIES):
        try:
            return await ports.signer.submit(submission)
        except Retryable as error:
            wait = wait_for(error, policy, failures, ports.randomness.jitter())
            await ports.clock.sleep(wait.duration_s or 0.0)
    return await ports.signer.submit(submission)
