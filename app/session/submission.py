"""Hand the interview in once everything is stored. Nothing here waits: the signer's answer is an event."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from app.contract import Submission, SubmissionReceipt, UploadPolicy
from app.core.errors import AlreadySubmitted, JournalFull, TakenOver, UploadError
from app.core.notices import Notice, Topic
from app.core.ports import Ports
from app.core.session.events import SubmissionStepped
from app.core.session.machine import SessionMachine
from app.core.session.submission import SubmissionState, SubmissionStep
from app.upload.persist import persist

TRIES = 4  # then the candidate is told, and may press again


class SubmissionFlow:
    """Follow one Submit from the press to the receipt; it may be withdrawn until it is sent."""

    def __init__(
        self,
        machine: SessionMachine,
        ports: Ports,
        policy: UploadPolicy,
        tasks: asyncio.TaskGroup,
        on_over: Callable[[Topic | None], None],
    ) -> None:
        """`on_over` is called when the session is over; its topic is that of a dead end that is still to be shown."""
        self._machine = machine
        self._ports = ports
        self._policy = policy
        self._tasks = tasks
        self._on_over = on_over

    @property
    def is_sending(self) -> bool:
        """Whether the answers are on their way to be closed: nothing may change any more."""
        return self._machine.state.submission in (SubmissionState.SENDING, SubmissionState.RECEIVED)

    def press(self) -> None:
        self._step(SubmissionStep.PRESS)

    def withdraw(self) -> None:
        """Take Submit back: the candidate goes on answering. Nothing happens where it was not pressed."""
        self._step(SubmissionStep.WITHDRAW)

    def check(self) -> bool:
        """Go on if no answer is missing, else say which are. Return whether none is."""
        view, missing = self._ports.view, self._machine.state.missing
        if missing:
            self._step(SubmissionStep.MISS)
            view.show_notice(Notice(Topic.SUBMIT_MISSING, questions=missing))
            return False
        view.hide_notice(Topic.SUBMIT_MISSING)
        view.hide_notice(Topic.SUBMIT_FAILED)
        self._step(SubmissionStep.CHECK)
        return True

    def send(self) -> None:
        """Ask the signer to close the session: everything is stored."""
        self._step(SubmissionStep.SEND)
        self._tasks.create_task(self._send(self._machine.state.to_submit()))

    async def _send(self, submission: Submission) -> None:
        view = self._ports.view
        try:
            receipt = await self._hand_in(submission)
        except AlreadySubmitted:
            view.show_dead_end(Notice(Topic.ALREADY_SUBMITTED))
        except TakenOver:
            self._on_over(Topic.ON_OTHER_DEVICE)
            return
        except UploadError as error:
            self._step(SubmissionStep.FAIL)
            view.show_notice(Notice(Topic.SUBMIT_FAILED, detail=str(error)))
            return
        else:
            view.show_receipt(receipt)
            self._ports.host.show_receipt(receipt)
        self._step(SubmissionStep.RECEIVE)
        with suppress(JournalFull):  # then it is swept once the session is long over
            await self._ports.journal.clear()
        self._on_over(None)

    async def _hand_in(self, submission: Submission) -> SubmissionReceipt:
        """Submit, again where it may help: the signer gives the same receipt however often it is asked."""
        ports = self._ports
        submit = partial(ports.signer.submit, submission)
        return await persist(submit, TRIES, self._policy, ports.clock, ports.randomness)

    def _step(self, step: SubmissionStep) -> None:
        self._machine.tell(SubmissionStepped(step))
