"""Submit the interview once everything is stored. Callers never wait: the signer's answer becomes an event."""

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
from app.session.efficiency_reports import EfficiencyReports
from app.upload.persist import persist

TRIES = 4  # then a notice is shown, and the candidate may press Submit again


class SubmissionFlow:
    """Drive the submission from the press of Submit to the receipt; it may be withdrawn until it is sent."""

    def __init__(
        self,
        machine: SessionMachine,
        ports: Ports,
        policy: UploadPolicy,
        tasks: asyncio.TaskGroup,
        *,
        efficiency: EfficiencyReports,
        on_over: Callable[[Topic | None], None],
    ) -> None:
        """`on_over` is called when the session is over, with the topic of the dead end to show; None: show nothing."""
        self._machine = machine
        self._ports = ports
        self._policy = policy
        self._tasks = tasks
        self._efficiency = efficiency
        self._on_over = on_over

    @property
    def is_sending(self) -> bool:
        """Whether the submission is being sent or was received: no answer may change any more."""
        return self._machine.state.submission in (SubmissionState.SENDING, SubmissionState.RECEIVED)

    def press(self) -> None:
        self._step(SubmissionStep.PRESS)

    def withdraw(self) -> None:
        """Withdraw Submit: the candidate continues to answer. Do nothing if Submit was not pressed."""
        self._step(SubmissionStep.WITHDRAW)

    def check(self) -> bool:
        """Advance if no answer is missing, else show which ones are. Return whether none is missing."""
        if self._machine.state.missing:
            self._step(SubmissionStep.MISS)
            return False
        self._step(SubmissionStep.CHECK)
        return True

    def send(self) -> None:
        """Ask the signer to close the session; everything must be stored."""
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
            self._machine.tell(SubmissionStepped(SubmissionStep.FAIL, detail=str(error)))
            return
        else:
            report = self._efficiency.end()
            view.show_receipt(receipt, report)
            self._ports.host.show_receipt(receipt, report)
            self._tasks.create_task(self._efficiency.hand_in())
        self._step(SubmissionStep.RECEIVE)
        with suppress(JournalFull):  # a later visit deletes it after the session has expired
            await self._ports.journal.clear()
        self._on_over(None)

    async def _hand_in(self, submission: Submission) -> SubmissionReceipt:
        """Submit, with retries: the signer returns the same receipt to a repeated call."""
        ports = self._ports
        submit = partial(ports.signer.submit, submission)
        return await persist(submit, TRIES, self._policy, ports.clock, ports.randomness)

    def _step(self, step: SubmissionStep) -> None:
        self._machine.tell(SubmissionStepped(step))
