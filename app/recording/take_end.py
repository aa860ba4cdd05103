"""End a take: tell the uploads, the journal, the player and the candidate what was recorded."""

import asyncio

from app.contract import Track
from app.core.notices import Topic
from app.core.ports import Ports
from app.core.session.events import TakeDropped, TakeKept
from app.core.session.machine import SessionMachine
from app.core.session.notice_events import TakeBroken
from app.core.upload.events import AnswerWritten
from app.journal.journal import try_forget, try_note
from app.recording.playback import TakePlayback
from app.recording.recorded import Ending, Recorded
from app.upload.uploader import Uploader

_TROUBLES = {  # of a take that did not end by Stop; the first match holds
    Ending.DEVICE_LOST: Topic.DEVICE_LOST,
    Ending.BROKEN: Topic.RECORDING_BROKE,
    Ending.NOTHING_CAME: Topic.NOTHING_COMES,
}


class TakeEnd:
    def __init__(self, machine: SessionMachine, ports: Ports, uploader: Uploader, playback: TakePlayback) -> None:
        self._machine = machine
        self._ports = ports
        self._uploader = uploader
        self._playback = playback

    async def keep(self, question: str, recorded: dict[Track, Recorded], elapsed_s: float) -> None:
        """Keep what was recorded; drop the take if no track holds anything."""
        # The uploads come first: the last part need not wait for the disk. The journal's rows stay until AnswerWritten
        # is told, below, so the player still finds its bytes.
        for one in recorded.values():
            self._uploader.tell(one.stopped)
        given = frozenset(track for track, one in recorded.items() if one.size)
        if given:  # one of two tracks is better than none
            await asyncio.gather(self._playback.offer(question, recorded), self._note_ends(recorded))
            self._machine.tell(TakeKept(question, given, elapsed_s))
            answer = self._machine.answer(question)
            if answer.is_stored:  # stored before TakeKept named the tracks, so AnswerWritten was not told
                self._uploader.tell(AnswerWritten(answer.record()))
        else:
            await self._note_ends(recorded)
            self._machine.tell(TakeDropped(question))
        self._say_how_it_ended(question, recorded, elapsed_s if given else None)

    def _say_how_it_ended(self, question: str, recorded: dict[Track, Recorded], kept_s: float | None) -> None:
        topic = _trouble({one.ending for one in recorded.values()}, is_kept=kept_s is not None)
        if topic is None:
            return
        self._ports.view.note(TakeBroken(question, topic, kept_s))
        if topic is not Topic.NOTHING_RECORDED:
            self._ports.media_devices.close()  # devices that are opened again may work

    async def _note_ends(self, recorded: dict[Track, Recorded]) -> None:
        """Journal that the recordings have ended; delete the rows of an empty one."""
        for one in recorded.values():
            if one.size:
                await try_note(self._ports.journal, one.stopped)  # else a reload finds the recording open and closes it
            else:
                await try_forget(self._ports.journal, one.ref)


def _trouble(endings: set[Ending], *, is_kept: bool) -> Topic | None:
    """Return how a take ended if not as it should; None: all is well."""
    topic = next((topic for ending, topic in _TROUBLES.items() if ending in endings), None)
    if topic is None or (topic is Topic.NOTHING_COMES and is_kept):  # one of two tracks is enough
        return None if is_kept else Topic.NOTHING_RECORDED
    return topic
