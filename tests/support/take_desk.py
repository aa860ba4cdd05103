"""One take between fakes: what it tells and keeps, in order."""

from typing import Any

from app.contract import Track
from app.core.notices import Topic
from app.core.recording.devices import DeviceError
from app.core.upload.events import Fact
from app.core.upload.recording_id import RecordingId
from app.recording.take import Take
from tests.support.fake_clock import FakeClock
from tests.support.fake_devices import FakeRecorder
from tests.support.fake_journal import FakeDigester, FakeJournal
from tests.support.fake_store import audio, video

VIDEO, AUDIO = video(), audio()


class TakeDesk:
    def __init__(self, *refs: RecordingId) -> None:
        self.history: list[tuple[str, Any]] = []
        self.journal = FakeJournal(self.history)
        self.clock = FakeClock()
        self.digester = FakeDigester()
        self.recorders = {ref: FakeRecorder(f"{ref.track}/webm") for ref in refs}
        self.refused: list[Track] = []
        self.formats_left = 100
        self.take = Take(
            self.recorders,
            1,
            journal=self.journal,
            digester=self.digester,
            clock=self.clock,
            tell=self._hear,
            refuse=self.refused.append,
            record=self._record,
        )

    def _record(self, track: Track) -> FakeRecorder:
        if not self.formats_left:
            raise DeviceError(Topic.NOTHING_COMES)
        self.formats_left -= 1
        self.recorders[video() if track is Track.VIDEO else audio()] = recorder = FakeRecorder(f"{track}/other")
        return recorder

    def _hear(self, fact: Fact) -> None:
        self.history.append(("told", fact))
