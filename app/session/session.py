"""Drive one candidate's session: handle actions, record and upload answers, send the submission."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from app.contract import InterviewGrant
from app.core.errors import JournalFull, TakenOver
from app.core.notices import Notice, Topic
from app.core.ports import Ports
from app.core.session.actions import (
    Action,
    Begin,
    CheckDevices,
    ChooseDevice,
    ChooseFile,
    DeleteFromDevice,
    DevicesChanged,
    EditText,
    GoTo,
    Leave,
    NetworkChanged,
    PageReturned,
    Record,
    Restore,
    Retake,
    RunDeviceTest,
    Stop,
    StopShrinking,
    Submit,
    TakeOver,
)
from app.core.session.events import RecordingStored, SessionEvent
from app.core.session.machine import SessionMachine
from app.core.session.notice_events import RecordingCutOff, TicketEnded
from app.core.session.state import SessionState, opened
from app.core.session.submission import SubmissionState
from app.core.upload.events import AnswerWritten, CommandFailed, Fact, TakeMoved, UploadCompleted
from app.core.upload.progress import SessionProgress
from app.core.upload.scheduler import Scheduler
from app.core.upload.track_record import track_record
from app.recording.connection_check import ConnectionCheck
from app.recording.device_test import DeviceTest
from app.recording.quality import QualityControl
from app.recording.takes import Takes
from app.session.efficiency_reports import EfficiencyReports
from app.session.front import Front
from app.session.recovery import restore
from app.session.submission import SubmissionFlow
from app.session.text_answers import TextAnswers
from app.session.upload_control import UploadControl
from app.session.upload_notices import UploadNotices
from app.upload.problem_reports import ProblemReports
from app.upload.signed_urls import SignedUrls
from app.upload.uploader import Uploader


class Session:
    """Run one session, from the device test to the receipt."""

    def __init__(self, grant: InterviewGrant, ports: Ports, actions: "asyncio.Queue[Action]") -> None:
        self._grant = grant
        self._ports = ports
        self._actions = actions
        self._machine = SessionMachine(opened(grant.interview.questions), self._on_change)
        self._scheduler = Scheduler(grant.policy)
        self._uploader = Uploader(
            self._scheduler,
            ports,
            urls=SignedUrls(
                ports.signer, ports.clock, grant.store_origin, grant.policy.sign_ahead, grant.stream_origin
            ),
            on_fact=self._note,
            on_progress=self._show_progress,
        )
        self._upload_control = UploadControl(
            self._scheduler, self._uploader, ports, ports.clock.now() + grant.expires_in_s
        )
        self._text_answers = TextAnswers(self._machine, ports.journal, ports.clock, self._uploader.tell)
        self._notices = UploadNotices(ports.view, ports.journal)
        self._problem_reports = ProblemReports(ports, grant.policy)
        self._efficiency = EfficiencyReports(ports, grant.policy)
        self._quality = QualityControl(self._machine, grant.policy, ports, self._scheduler, self._efficiency.report)
        self._observers = (ports.host, self._notices, self._problem_reports, self._efficiency, self._quality)

    async def run(self) -> bool:
        """Run until the session ends here. Return whether the candidate has deleted it from this device.

        Else the interview is submitted (or was already), or another device has taken the session over.
        """
        self._ports.view.show_interview(self._grant)
        self._ports.host.open(self._grant)
        self._ports.instruments.note_ready()
        async with asyncio.TaskGroup() as tasks:
            running = self._start(tasks)
            await self._recover()
            self._uploader.wake()
            self._show_first()
            while not isinstance(action := await self._actions.get(), Leave | DeleteFromDevice):
                self._obey(action)
            if isinstance(action, Leave) and action.topic is not None:
                self._ports.view.show_dead_end(Notice(action.topic))
            self._front.drop_requests()
            self._device_test.drop()
            self._connection_check.drop()
            self._takes.close()
            self._ports.page_lifecycle.guard(False)
            for task in running:
                task.cancel()
        if isinstance(action, Leave):
            return False
        with suppress(JournalFull):  # the browser deletes it once nothing uses it; at the latest, a later visit does
            await self._ports.journal.clear()
        self._ports.view.show_dead_end(Notice(Topic.DELETED_HERE))
        return True

    def _start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Create what needs `tasks`, listen to the browser (its callbacks only enqueue), return the drivers' tasks."""
        ports, policy, enqueue = self._ports, self._grant.policy, self._actions.put_nowait
        self._tasks = tasks
        self._takes = Takes(self._machine, policy, ports, self._uploader, tasks, quality=self._quality)
        self._device_test = DeviceTest(self._machine, ports, policy)
        self._connection_check = ConnectionCheck(self._machine, policy, ports, self._scheduler, self._quality)
        self._front = Front(
            self._machine,
            ports,
            self._takes,
            self._device_test,
            tasks,
            connection_check=self._connection_check,
        )
        self._submission = SubmissionFlow(
            self._machine,
            ports,
            policy,
            tasks,
            efficiency=self._efficiency,
            on_over=lambda topic: enqueue(Leave(topic)),
        )
        self._upload_control.obey(NetworkChanged(ports.network.is_online()))
        ports.network.on_change(lambda is_online: enqueue(NetworkChanged(is_online)))
        ports.media_devices.on_change(lambda: enqueue(DevicesChanged()))
        ports.page_lifecycle.on_return(lambda: enqueue(PageReturned()))
        # Not enqueued: a page that is hidden or left may end before the next turn of the event loop.
        ports.page_lifecycle.on_put_away(self._takes.flush)
        ports.page_lifecycle.on_put_away(self._efficiency.put_away)
        drivers = (self._uploader, self._text_answers, self._device_test, self._problem_reports, self._efficiency)
        return [tasks.create_task(driver.run()) for driver in drivers]

    async def _recover(self) -> None:
        """Continue where an earlier visit ended, and show notices about it."""
        await self._efficiency.recover()
        recovered = await restore(self._machine, self._grant.answers, self._ports, self._uploader)
        if recovered.uploads:
            self._notices.recover(recovered.uploads)
        for question, elapsed_s in recovered.cut_off.items():
            self._ports.view.note(RecordingCutOff(question, elapsed_s))

    def _show_first(self) -> None:
        if any(question.tracks for question in self._grant.interview.questions):
            self._front.show_device_check()
        else:
            self._go_to(self._grant.interview.questions[0].id)

    # Actions. No handler waits for a person or for the network.

    def _obey(self, action: Action) -> None:
        match action:
            case CheckDevices() | ChooseDevice() | RunDeviceTest() | Begin() | DevicesChanged():
                self._front.obey(action)
            case GoTo(question=question):
                self._go_to(question)
            case Record() | ChooseFile() | Retake() | Restore():
                self._change_answer(action)
            case Stop():
                self._takes.stop()
            case StopShrinking():
                self._takes.stop_shrinking(sends_as_is=action.sends_as_is)
            case EditText(question=question, text=text):
                self._text_answers.edit(question, text)
                self._uploader.wake()  # update the leave warning: unstored text would be lost
            case Submit() if not self._machine.state.is_speaking:  # else the page itself tells the candidate
                self._submission.press()
                self._advance_submission()
            case Submit() | Leave() | DeleteFromDevice() | TakeOver():
                pass  # `run` handles the ends, `Admission` handles TakeOver
            case _:
                self._upload_control.obey(action)

    def _go_to(self, question: str) -> None:
        if question in self._machine.state.answers and not self._machine.state.is_speaking:
            self._text_answers.hand_on(self._tasks)
        self._front.go_to(question)

    def _change_answer(self, action: Record | ChooseFile | Retake | Restore) -> None:
        if action.question not in self._machine.state.answers or self._submission.is_sending:
            return
        answer = self._machine.answer(action.question)
        if isinstance(action, Record):
            if self._upload_control.has_ticket_ended:
                self._ports.view.note(TicketEnded())  # nothing new could be stored
                return
            if not answer.question.tracks:
                return
        self._submission.withdraw()
        match action:
            case Record():
                self._front.record(action)
            case ChooseFile(file=file):
                self._takes.choose(answer.question, file)
            case Retake(question=question):
                self._takes.discard.discard(question)
            case Restore(question=question):
                self._takes.discard.restore(question)

    # Submit.

    def _advance_submission(self) -> None:
        """Advance the submission as far as takes and uploads allow; called again after each change."""
        if self._machine.state.submission is SubmissionState.FINISHING and not self._takes.is_recording:
            if not self._submission.check():
                return
            self._front.drop_requests()  # else one could start a recording that is not submitted
            self._takes.cancel_preparation()
            self._text_answers.hand_on(self._tasks)
            self._uploader.wake()

    # Events.

    def _on_change(self, event: SessionEvent, before: SessionState) -> None:
        state = self._machine.state
        self._ports.view.follow(event, state)
        self._upload_control.follow(event, before, state)
        self._efficiency.follow(event, state)

    def _note(self, fact: Fact) -> None:
        at = self._ports.clock.now()
        for observer in self._observers:
            observer.note(fact, at)
        match fact:
            case UploadCompleted(upload=ref):
                record = track_record(self._scheduler.uploads[ref], fact)
                if record is not None:  # None: the upload was started again meanwhile
                    self._note_stored(RecordingStored(ref, record))
            case TakeMoved(upload=ref):
                self._machine.tell(fact)
                self._takes.discard.remember(ref.question)
            case CommandFailed(error=TakenOver()):
                self._actions.put_nowait(Leave(Topic.ON_OTHER_DEVICE))
            case _:
                pass

    def _note_stored(self, event: RecordingStored) -> None:
        """Write answer.json (again) when all tracks of a take are in the store; not for a discarded take."""
        self._machine.tell(event)
        answer = self._machine.answer(event.recording.question)
        if event.recording.key == answer.key and answer.given and answer.is_stored:
            self._uploader.tell(AnswerWritten(answer.record()))

    def _show_progress(self, progress: SessionProgress) -> None:
        progress = replace(progress, is_safe=self._is_safe(progress))
        self._ports.view.show_progress(progress)
        at = self._ports.clock.now()
        for observer in self._observers:
            observer.show(progress, at)
        self._ports.page_lifecycle.guard(not progress.is_safe)
        self._advance_submission()
        if progress.is_safe and self._machine.state.submission is SubmissionState.STORING:
            self._submission.send()

    def _is_safe(self, progress: SessionProgress) -> bool:
        """Return whether closing the page now loses nothing, neither a running recording nor unstored text."""
        return progress.is_safe and not self._takes.is_recording and not self._text_answers.is_pending
