"""Retry a call of the signer if that may help; the same `decide` as for parts chooses the wait."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.contract import UploadPolicy
from app.core.errors import UploadError
from app.core.ports import Clock, Randomness
from app.core.upload.decision import Situation, decide

_Answer = TypeVar("_Answer")


async def persist(
    call: Callable[[], Awaitable[_Answer]], tries: int, policy: UploadPolicy, clock: Clock, randomness: Randomness
) -> _Answer:
    """Return the result of `call`, after at most `tries` tries. Raises the UploadError of the last try."""
    for failures in range(1, tries):
        try:
            return await call()
        except UploadError as error:
            situation = Situation(failures=failures, refusals=failures)
            decision = decide(error, situation, policy, randomness.jitter())
            if decision.wait_s is None:
                raise
            await clock.sleep(decision.wait_s)
    return await call()
