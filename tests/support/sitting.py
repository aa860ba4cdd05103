"""A whole session between fakes: what the takes, writing, session and recovery tests talk to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from app.contract import AnswerRecord, Interview, InterviewGrant, Question, TextRules, Track, UploadMode, UploadPolicy
from app.contract.embed.outbound import PageMessage
from app.core.ports import Ports
from app.core.session.actions import Action, Record, Stop
from app.core.session.answers import COUNTS_FROM_S, AnswerView, Phase
from app.session.host import HostChannel
from app.session.session import Session
from tests.support.fake_clock import FakeClock, FakeRandomness
from tests.support.fake_devices import FakeFiles, FakeMediaDevices, FakeRecorder
from tests.support.fake_journal import FakeDigester, FakeJournal
from tests.support.fake_network import FakeEndpoints, FakeNetwork, FakeTransport
from tests.support.fake_page import FakeConsole, FakeInstruments, FakePageLifecycle, FakePlayback, FakeView, screen_of
from tests.support.fake_signer import FakeSigner
from tests.support.fake_store import GATEWAY, ORIGIN, FakeStore
from tests.support.held import settle

SPOKEN = Question(id="q1", prompt="Who are you?", tracks=(Track.VIDEO,), limit_s=60, takes=2)
WRITTEN = Question(id="q2", prompt="Why?", text=TextRules(max_characters=20))
BOTH_TRACKS = Question(id="q3", prompt="Tell us.", tracks=(Track.VIDEO, Track.AUDIO), required=False)
PREPARED = Question(id="q4", prompt="Think first.", tracks=(Track.AUDIO,), preparation_s=30, required=False)
SPOKEN_AND_WRITTEN = Question(id="q5", prompt="And?", tracks=(Track.VIDEO,), text=TextRules(), required=False)


class Sitting:
    """Everything around one session. A second sitting on the first one's journal and store is a reload."""

    def __init__(
        self,
        *questions: Question,
        mode: UploadMode,
        policy: Mapping[str, Any] | None = None,
        journal: FakeJournal | None = None,
        store: FakeStore | None = None,
        answers: tuple[AnswerRecord, ...] = (),
        clock: FakeClock | None = None,
        randomness: FakeRandomness | None = None,
        signer: FakeSigner | None = None,
        transport: FakeTransport | None = None,
        session: Callable[[InterviewGrant, Ports, "asyncio.Queue[Action]"], Session] = Session,
    ) -> None:
        self.clock = clock or FakeClock()
        self.store = store or FakeStore()
        self.signer = signer or FakeSigner(self.store)
        self.transport = transport or FakeTransport(self.store)
        self.transport.holds_parts = False
        self.endpoints, self.console = FakeEndpoints(), FakeConsole()
        self.journal = journal or FakeJournal()
        self.digester = FakeDigester()
        self.media_devices = FakeMediaDevices()
        self.files = FakeFiles()
        self.playback = FakePlayback()
        self.network = FakeNetwork()
        self.page_lifecycle = FakePageLifecycle()
        self.instruments = FakeInstruments()
        self.view = FakeView()
        self.told: list[PageMessage] = []  # to whoever embeds the page
        self.actions: asyncio.Queue[Action] = asyncio.Queue()
        self.ports = ports = self._ports(randomness or FakeRandomness(keys=self.store.recording_keys))
        grant = InterviewGrant(
            session="s1",
            interview=Interview(id="demo", title="Demo", questions=questions),
            policy=UploadPolicy(mode=mode, **(policy or {})),
            store_origin=ORIGIN,
            stream_origin=GATEWAY,
            expires_in_s=3600,
            answers=answers,
        )
        self.session = session(grant, ports, self.actions)
        self.is_over = False

    def _ports(self, randomness: FakeRandomness) -> Ports:
        host = HostChannel()
        host.attach(self.told.append)
        return Ports(
            signer=self.signer,
            transport=self.transport,
            endpoints=self.endpoints,
            console=self.console,
            journal=self.journal,
            digester=self.digester,
            clock=self.clock,
            randomness=randomness,
            media_devices=self.media_devices,
            files=self.files,
            playback=self.playback,
            network=self.network,
            page_lifecycle=self.page_lifecycle,
            instruments=self.instruments,
            view=screen_of(self.view),
            host=host,
        )

    async def action(self, *actions: Action) -> None:
        for action in actions:
            self.actions.put_nowait(action)
        await settle()

    async def record(self, question: str, content: bytes = b"", track: Track = Track.VIDEO) -> FakeRecorder:
        """Begin a recording, let a second pass, for it to count, and its recorder give `content`."""
        await self.action(Record(question))
        await self.clock.advance(COUNTS_FROM_S)
        recorder = self.media_devices.recorders[track]
        if content:
            recorder.give(content)
        await settle()
        return recorder

    async def speak(self, recorder: FakeRecorder, duration_s: int, content: bytes = b"x") -> None:
        """Let a recorder give `content` every second, as real ones do: one that is silent counts as lost."""
        for _ in range(duration_s):
            await self.clock.advance(1)
            recorder.give(content)
        await settle()

    async def answer(self, question: str, content: bytes) -> None:
        await self.record(question, content)
        await self.action(Stop(question))

    def phase(self, question: str) -> Phase:
        return self.view.answers[question].phase

    def shown(self, question: str) -> AnswerView:
        return self.view.answers[question]


@asynccontextmanager
async def sitting(
    *questions: Question,
    mode: UploadMode = UploadMode.PROGRESSIVE,
    policy: Mapping[str, Any] | None = None,
    journal: FakeJournal | None = None,
    store: FakeStore | None = None,
    answers: tuple[AnswerRecord, ...] = (),
    holding: frozenset[str] = frozenset(),
    holds_parts: bool = False,
) -> AsyncIterator[Sitting]:
    """Run a session; fail if it has broken, and see that it leaves no task behind. Leaving early is a crash.

    `answers` is what the bucket has of it, `holding` names the signer's calls that wait for the test from the start;
    with `holds_parts` parts wait for it, too.
    """
    desk = Sitting(
        *(questions or (SPOKEN, WRITTEN)), mode=mode, policy=policy, journal=journal, store=store, answers=answers
    )
    desk.signer.holding |= holding
    desk.transport.holds_parts = holds_parts
    before = asyncio.all_tasks()
    running = asyncio.create_task(desk.session.run())
    try:
        await settle()
        yield desk
        await settle()
    finally:
        desk.is_over = running.done()
        running.cancel()
        (outcome,) = await asyncio.gather(running, return_exceptions=True)
        if desk.is_over and isinstance(outcome, BaseException):
            raise outcome
    await settle()
    assert asyncio.all_tasks() == before, "the session left tasks behind"
