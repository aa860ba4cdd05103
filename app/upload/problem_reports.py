"""Tell the operator what only they can mend: once a kind and visit, in the console and in the signer's log."""

import asyncio

from app.contract import Trouble, TroubleKind
from app.core.errors import UploadError
from app.core.ports import Clock, Console, Signer
from app.core.upload.events import Fact
from app.core.upload.progress import Refusal, SessionProgress

TRIES = 3  # of a report; the console has it all the same
AGAIN_S = 30.0


class ProblemReports:
    def __init__(self, signer: Signer, console: Console, clock: Clock) -> None:
        self._signer = signer
        self._console = console
        self._clock = clock
        self._known: set[TroubleKind] = set()
        self._untold: asyncio.Queue[Refusal] = asyncio.Queue()

    def note(self, event: Fact, at: float) -> None:
        """No single event is reported: what is refused stands in the figures."""

    def show(self, progress: SessionProgress, at: float) -> None:  # noqa: ARG002  a report has no time of its own
        """Take the figures as they are shown, many times a second."""
        for refusal in progress.refusals:
            if refusal.kind not in self._known:
                self._known.add(refusal.kind)
                self._untold.put_nowait(refusal)

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            refusal = await self._untold.get()
            self._console.say(f"uploads are refused ({refusal.kind}). {refusal.sentence}")
            await self._report(Trouble(kind=refusal.kind, question=refusal.question, part_bytes=refusal.part_bytes))

    async def _report(self, trouble: Trouble) -> None:
        for _ in range(TRIES):
            try:
                await self._signer.report(trouble)
            except UploadError:
                await self._clock.sleep(AGAIN_S)
            else:
                return
