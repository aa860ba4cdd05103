"""Drive one candidate's sitting: wishes come in, questions are answered, the submission goes out."""

import asyncio
from dataclasses import replace
from functools import partial

from app.contract import InterviewGrant, Submission, Track
from app.core.errors import TakenOver
from app.core.notices import Notice, Topic
from app.core.ports import Ports
from app.core.recording.devices import DevicesView
from app.core.session.actions import (
    Action,
    Begin,
    CheckDevices,
    ChooseDevice,
    ChooseFile,
    EditText,
    GoTo,
    Leave,
    PauseUploads,
    Record,
    RenewTicket,
    Restore,
    ResumeUploads,
    Retake,
    RetryUploads,
    RunDeviceTest,
    Stop,
    Submit,
)
from app.core.session.answers import Answer
from app.core.session.outcomes import note_completion, note_move
from app.core.upload.events import AnswerWritten, CommandFailed, Fact, PartAcknowledged, TakeMoved, UploadCompleted
from app.core.upload.progress import SessionProgress
from app.core.upload.scheduler import Scheduler
from app.core.upload.snapshot import snapshot
from app.recording.device_queue import DeviceQueue
from app.recording.device_test import DeviceTest
from app.recording.takes import Takes
from app.session.recovery import restore, restore_stored
from app.session.submission import submit
from app.session.text_answers import TextAnswers
from app.session.upload_notices import UploadNotices
from app.upload.problem_reports import ProblemReports
from app.upload.signed_urls import SignedUrls
from app.upload.uploader import Uploader


class Session:
    """One sitting, from the device check to the receipt."""

    def __init__(self, grant: InterviewGrant, ports: Ports, actions: "asyncio.Queue[Action]") -> None:
        self._grant = grant
        self._ports = ports
        self._actions = actions
        self._questions = {question.id: question for question in grant.interview.questions}
        self._answers = {question.id: Answer(question) for question in grant.interview.questions}
        self._scheduler = Scheduler(grant.policy)
        self._ends_at = ports.clock.now() + grant.expires_in_s
        self._wants_submission = False  # Submit was pressed before everything was stored
        self._uploader = Uploader(
            self._scheduler,
            signer=ports.signer,
            transport=ports.transport,
            ends=ports.ends,
            journal=ports.journal,
            digester=ports.digester,
            clock=ports.clock,
            randomness=ports.randomness,
            urls=SignedUrls(ports.signer, ports.clock, grant.store_origin, grant.policy.sign_ahead),
            on_fact=self._note,
            on_progress=self._show_progress,
        )
        self._text_answers = TextAnswers(self._answers, ports.journal, ports.clock, self._uploader.tell)
        self._device_test = DeviceTest(ports, grant.policy, needs_camera=self._needs_camera())
        self._notices = UploadNotices(ports.view, ports.journal)
        self._problem_reports = ProblemReports(ports.signer, ports.console, ports.clock)
        self._goes_without = False  # without devices: files are chosen, until a recording is asked for
        self._current: str | None = None  # question in front; None: the device check

    async def run(self) -> None:
        """Return once the interview has been submitted (or had been already)."""
        self._ports.view.show_interview(self._grant)
        self._ports.host.open(self._grant)
        async with asyncio.TaskGroup() as tasks:
            self._takes = Takes(self._answers, self._grant.policy, self._ports, self._uploader, tasks)
            self._ports.network.on_change(self._note_network)
            self._note_network(self._ports.network.is_online())
            self._ports.media_devices.on_change(lambda: tasks.create_task(self._refresh_devices()))
            self._ports.page_lifecycle.on_put_away(self._takes.flush)
            self._ports.page_lifecycle.on_return(self._come_back)
            self._tasks = tasks
            self._device_queue = DeviceQueue(tasks)
            running = [
                tasks.create_task(self._uploader.run()),
                tasks.create_task(self._text_answers.run()),
                tasks.create_task(self._device_test.run()),
                tasks.create_task(self._problem_reports.run()),
            ]
            await self._recover()
            for answer in self._answers.values():
                self._ports.view.show_answer(answer.view())
            self._uploader.wake()
            await self._first_view()
            while not await self._obey(await self._actions.get()):
                pass
            self._device_test.leave()
            self._device_queue.drop()
            self._takes.close()
            self._ports.page_lifecycle.guard(False)
            for task in running:
                task.cancel()

    async def _recover(self) -> None:
        """Go on where an earlier visit has ended, and say so."""
        restore_stored(self._answers, self._grant.answers)
        recovered = await restore(self._answers, self._ports, self._uploader)
        if recovered.uploads:
            self._notices.recover(recovered.uploads)
        for question, elapsed_s in recovered.cut_off.items():
            self._ports.view.show_notice(Notice(Topic.CUT_OFF, question, elapsed_s=elapsed_s))
            self._ports.view.show_notice(Notice(Topic.CUT_OFF, elapsed_s=elapsed_s, questions=(question,)))

    async def _first_view(self) -> None:
        if any(question.tracks for question in self._questions.values()):
            self._device_test.is_in_front = True
            self._ports.view.show_device_check(DevicesView(needs_camera=self._needs_camera()), None)
        else:
            self._go_to(next(iter(self._questions)))

    # Wishes.

    async def _obey(self, action: Action) -> bool:  # noqa: C901, PLR0912, PLR0915  one flat line a wish
        """Do what the candidate asks for. Return True when the session is over.

        What needs camera or microphone is only begun here: the browser's own question may stay open for ever.
        """
        match action:
            case CheckDevices():
                if self._takes.devices.is_stuck:  # then ask once more, instead of waiting on
                    self._want_no_devices()
                self._device_queue.add(action, self._check_devices)
            case ChooseDevice():
                self._device_queue.add(action, partial(self._choose_device, action))
            case RunDeviceTest():
                self._device_queue.add(object(), self._rehearse)  # a second one ends the first
            case Begin(goes_without=goes_without):
                self._goes_without = goes_without
                self._go_to(next(iter(self._questions)))
            case GoTo(question=question):
                self._go_to(question)
            case Record() if self._ports.clock.now() >= self._ends_at:
                self._ports.view.show_notice(Notice(Topic.TICKET_EXPIRED))  # nothing new could be stored
            case Record(question=question):
                if question in self._questions and self._questions[question].tracks:
                    self._think_again()
                    self._goes_without = False
                    self._device_queue.add(action, partial(self._record, question))
            case ChooseFile(question=question, file=file):
                if question in self._questions:
                    self._think_again()
                    self._takes.choose(self._questions[question], file)
            case Stop():
                self._takes.stop()
            case Retake(question=question):
                self._think_again()
                self._takes.retake(question)
            case Restore(question=question):
                self._think_again()
                self._takes.restore(question)
            case EditText(question=question, text=text):
                self._text_answers.edit(question, text)
                self._uploader.wake()  # until it is stored, leaving would lose it
                self._ports.view.show_answer(self._answers[question].view())
            case PauseUploads():
                self._scheduler.is_paused = True
                self._uploader.wake()
            case ResumeUploads():
                self._scheduler.is_paused = False
                self._uploader.wake()
            case RetryUploads():
                self._retry()
            case RenewTicket(longer_s=longer_s):
                self._go_on_until(self._ends_at + longer_s)
            case Submit():
                return await self._submit()
            case Leave():
                self._ports.view.show_dead_end(Notice(Topic.ON_OTHER_DEVICE))
                return True
        return False

    def _go_on_until(self, ends_at: float) -> None:
        """Try again what the last ticket was refused for; this one ends at clock second `ends_at`."""
        self._ends_at = ends_at
        self._ports.view.hide_notice(Topic.TICKET_EXPIRED)
        self._retry()

    def _retry(self) -> None:
        self._scheduler.retry()
        self._uploader.wake()

    def _think_again(self) -> None:
        """Take a Submit back that still waits."""
        self._wants_submission = False
        self._ports.view.show_submitting(False)

    # What needs devices; each of these may wait for as long as a person or a camera lets it.

    async def _check_devices(self) -> None:
        # A recording cannot change its devices; opening them anew would end it.
        if not self._takes.is_recording and await self._takes.devices.open(self._needs_camera()):
            self._show_devices()

    async def _choose_device(self, action: ChooseDevice) -> None:
        if not self._takes.is_recording:
            self._device_test.drop()
            await self._takes.devices.choose(action.kind, action.device_id)
            self._show_devices()

    async def _rehearse(self) -> None:
        self._device_test.toggle(self._tasks)

    async def _record(self, question: str) -> None:
        await self._takes.begin(self._questions[question])
        self._ports.view.show_question(question, self._ports.media_devices.stream())

    async def _get_ready(self, question: str) -> None:
        await self._takes.devices.ready(self._questions[question])
        self._ports.view.show_question(question, self._ports.media_devices.stream())
        self._takes.devices.say_again()  # what is shown anew has lost it

    def _want_no_devices(self) -> None:
        """Give up what waits for devices, and let a browser that still asks for them ask in vain."""
        self._device_queue.drop()
        self._takes.devices.stop_asking()

    def _show_devices(self) -> None:
        """Show what has been opened, wherever the candidate stands."""
        if self._current is None:
            self._device_test.begin()
        self._show_front()

    def _show_front(self) -> None:
        stream = self._ports.media_devices.stream()
        if self._current is None:
            self._ports.view.show_device_check(self._takes.devices.view, stream)
        else:
            self._ports.view.show_question(self._current, stream)

    async def _refresh_devices(self) -> None:
        if self._takes.is_recording:
            return  # the recorder hears itself of a device that goes
        if not await self._takes.devices.refresh():
            self._device_test.drop()
        self._show_front()

    def _go_to(self, question: str) -> None:
        if question not in self._questions or self._takes.is_speaking:
            return  # the page says why it refuses during a recording
        if self._takes.is_finishing:  # "Next" right behind "Stop" waits for the last chunk
            self._tasks.create_task(self._go_behind_take(question))
            return
        self._text_answers.hand_on(self._tasks)
        self._takes.cancel_preparation()
        self._current = question
        self._device_test.leave()
        self._device_queue.drop()  # of the question left; the browser may go on asking
        if self._questions[question].tracks and not self._goes_without:
            self._ports.view.show_question(question, self._ports.media_devices.stream())
            self._device_queue.add(GoTo(question), partial(self._get_ready, question))
        else:
            self._want_no_devices()
            self._ports.media_devices.close()  # nobody likes a camera light while typing
            self._ports.view.show_question(question, None)

    async def _go_behind_take(self, question: str) -> None:
        await self._takes.settle()
        self._actions.put_nowait(GoTo(question))

    async def _submit(self) -> bool:
        """Submit once everything is stored. Return True when the session is over."""
        view = self._ports.view
        answers = self._answers.values()
        missing = tuple(answer.question.id for answer in answers if answer.question.required and not answer.is_answered)
        if self._takes.is_speaking:
            return False  # the page says so itself
        if self._takes.is_recording:  # its last bytes are on their way into the journal
            self._wants_submission = True
            view.show_submitting(True)
            self._tasks.create_task(self._submit_behind_take())
            return False
        if missing:
            view.show_submitting(False)
            view.show_notice(Notice(Topic.SUBMIT_MISSING, questions=missing))
            return False
        self._device_queue.drop()  # or one of them would begin to record what nobody hands in
        self._takes.cancel_preparation()
        view.hide_notice(Topic.SUBMIT_MISSING)
        view.hide_notice(Topic.SUBMIT_FAILED)
        view.show_submitting(True)
        self._text_answers.hand_on(self._tasks)
        self._scheduler.is_submitting = self._wants_submission = True
        self._uploader.wake()
        if not self._is_safe(snapshot(self._scheduler, self._ports.clock.now())):
            return False  # `_show_progress` asks again when it is
        self._wants_submission = False
        submission = Submission(answers=tuple(answer.record() for answer in answers if answer.is_answered))
        return await submit(submission, self._ports, self._grant.policy)

    async def _submit_behind_take(self) -> None:
        await self._takes.settle_all()
        if self._wants_submission:
            self._actions.put_nowait(Submit())

    # Facts.

    def _note(self, fact: Fact) -> None:
        self._ports.host.note(fact)
        match fact:
            case UploadCompleted():
                if (record := note_completion(self._answers, self._scheduler.uploads, fact)) is not None:
                    self._uploader.tell(AnswerWritten(record))
            case TakeMoved():
                moved = note_move(self._answers, self._scheduler.uploads, fact)
                self._takes.remember_discarded(moved)
                self._ports.view.show_answer(moved.view())
            case CommandFailed(error=TakenOver()):
                self._actions.put_nowait(Leave())
            case CommandFailed(error=error):
                self._notices.note(error)
            case PartAcknowledged():
                self._notices.note_acknowledged()

    def _note_network(self, is_online: bool) -> None:
        self._scheduler.set_online(is_online)
        self._uploader.wake()

    def _come_back(self) -> None:
        """Look at everything anew: timers stood still while the page was hidden or the computer asleep."""
        self._scheduler.skip_backoff()
        self._uploader.wake()

    def _show_progress(self, progress: SessionProgress) -> None:
        progress = replace(progress, is_safe=self._is_safe(progress))
        self._ports.view.show_progress(progress)
        self._ports.host.show_progress(progress)
        self._notices.show(progress)
        self._problem_reports.show(progress)
        self._ports.page_lifecycle.guard(not progress.is_safe)
        if progress.is_safe and self._wants_submission:
            self._wants_submission = False
            self._actions.put_nowait(Submit())

    def _is_safe(self, progress: SessionProgress) -> bool:
        """Whether closing the page now would lose nothing: not what is being said or typed either."""
        return progress.is_safe and not self._takes.is_recording and not self._text_answers.is_pending

    def _needs_camera(self) -> bool:
        return any(Track.VIDEO in question.tracks for question in self._questions.values())
