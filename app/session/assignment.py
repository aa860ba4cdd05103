"""Keep the variants of experiments that a session began with, also after a reload."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from app.contract import InterviewGrant
from app.core.errors import JournalFull, JournalUnread
from app.core.ports import Journal

ROW = "assignment"  # the name under which the journal keeps the token


class AssignedSigner(Protocol):
    assignment: str  # the token that goes with every call; "": none


async def settled(
    grant: InterviewGrant, signer: AssignedSigner, journal: Journal, ask: Callable[[], Awaitable[InterviewGrant]]
) -> InterviewGrant:
    """Return the grant for the variants that an earlier visit began with, else `grant`; keep its token.

    The signer puts each new session into its variants. If a rollout has moved on since the earlier visit, `ask` fetches
    the grant once more, with the earlier token.
    """
    kept = None
    with suppress(JournalUnread):
        kept = await journal.kept(ROW)
    signer.assignment = kept or grant.assignment
    if kept and kept != grant.assignment:
        grant = await ask()
        signer.assignment = grant.assignment
    if grant.assignment != (kept or ""):
        with suppress(JournalFull):  # then a reload may fall into another variant
            await journal.keep(ROW, grant.assignment)
    return grant
