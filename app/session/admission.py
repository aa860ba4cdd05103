"""Enter the session: fetch the interview from the signer, and become the only tab and device with this session."""

import asyncio
from collections.abc import Awaitable, Callable

from app.contract import InterviewGrant, UploadPolicy
from app.core.errors import UploadError
from app.core.notices import Notice, Topic, topic_of_refusal
from app.core.ports import Clock, Randomness, SessionLock, Signer
from app.core.session.actions import Action, RenewTicket, TakeOver
from app.core.session.screen import Screen
from app.upload.persist import persist

TRIES = 5  # of a signer call at start, while the network may still be connecting; then the candidate can reload


class Admission:
    """Admit the candidate to the session. While another tab or device has it, wait for the candidate's decision."""

    def __init__(
        self, signer: Signer, view: Screen, actions: "asyncio.Queue[Action]", clock: Clock, randomness: Randomness
    ) -> None:
        self._signer = signer
        self._view = view
        self._actions = actions
        self._clock = clock
        self._randomness = randomness

    async def ask(self) -> InterviewGrant:
        """Return the interview. If the signer refuses, show why and ask again when a newer ticket arrives."""
        return await self._granted(self._signer.interview)

    async def enter(self, grant: InterviewGrant, lock: SessionLock, on_lost: Callable[[], None]) -> InterviewGrant:
        """Take the session over from another tab or device when the candidate asks for it; return the newest grant.

        `on_lost` is called when another tab takes the session over from this one.
        """
        if not await lock.acquire(on_lost):
            await self._wants_to_take_over(Topic.OTHER_TAB)
            await lock.acquire(on_lost, take_over=True)
            grant = await self.ask()  # the ticket may have been renewed meanwhile
        if grant.is_open_elsewhere:
            await self._wants_to_take_over(Topic.OTHER_DEVICE)
            grant = await self._granted(self._claim)
        return grant

    async def _wants_to_take_over(self, topic: Topic) -> None:
        self._view.show_dead_end(Notice(topic))
        while not isinstance(await self._actions.get(), TakeOver):
            pass

    async def _claim(self) -> InterviewGrant:
        """Take the session over from another device; return the newest grant. Raises UploadError."""
        await self._signer.claim()
        return await self._signer.interview()  # includes what the other device has stored meanwhile

    async def _granted(self, ask: Callable[[], Awaitable[InterviewGrant]]) -> InterviewGrant:
        while True:
            self._forget_renewals()  # the call below uses the newest ticket: its grant includes them
            try:
                # The session's policy is not known yet: wait as the default policy says.
                return await persist(ask, TRIES, UploadPolicy(), self._clock, self._randomness)
            except UploadError as error:
                self._view.show_dead_end(Notice(topic_of_refusal(error)))
            while not isinstance(await self._actions.get(), RenewTicket):
                pass

    def _forget_renewals(self) -> None:
        for action in [self._actions.get_nowait() for _ in range(self._actions.qsize())]:
            if not isinstance(action, RenewTicket):
                self._actions.put_nowait(action)
