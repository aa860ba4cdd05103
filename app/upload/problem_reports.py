"""Report problems that only the operator can fix, once per kind and visit, in the console and in the signer's log."""

import asyncio
from contextlib import suppress
from functools import partial

from app.contract import Trouble, TroubleKind, UploadPolicy
from app.core.errors import UploadError
from app.core.ports import Ports
from app.core.upload.events import Fact
from app.core.upload.progress import Refusal, SessionProgress
from app.upload.persist import persist

TRIES = 3  # of a report; the console shows it in any case


class ProblemReports:
    def __init__(self, ports: Ports, policy: UploadPolicy) -> None:
        self._ports = ports
        self._policy = policy
        self._known: set[TroubleKind] = set()
        self._untold: asyncio.Queue[Refusal] = asyncio.Queue()

    def note(self, event: Fact, at: float) -> None:
        """Ignore single events: `show` reads the refusals from the progress."""

    def show(self, progress: SessionProgress, at: float) -> None:  # noqa: ARG002  a report has no time of its own
        """Queue each new kind of refusal for a report. Called many times a second."""
        for refusal in progress.refusals:
            if refusal.kind not in self._known:
                self._known.add(refusal.kind)
                self._untold.put_nowait(refusal)

    async def run(self) -> None:
        """Report queued refusals until cancelled."""
        while True:
            refusal = await self._untold.get()
            self._ports.console.say(f"uploads are refused ({refusal.kind}). {refusal.sentence}")
            await self._report(Trouble(kind=refusal.kind, question=refusal.question, part_bytes=refusal.part_bytes))

    async def _report(self, trouble: Trouble) -> None:
        ports = self._ports
        with suppress(UploadError):
            await persist(partial(ports.signer.report, trouble), TRIES, self._policy, ports.clock, ports.randomness)
