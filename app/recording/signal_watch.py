"""Find out whether a recording is silent or black: while it runs, and once more at its end."""

from app.contract import Question, Track
from app.core.notices import Topic
from app.core.ports import Ports
from app.core.recording.signal_quality import TakeMonitor

LOOKS_A_PICTURE = 4  # measurements of the sound per measurement of the picture, which costs more


class SignalWatch:
    """Measure sound and picture of one take, and show the level."""

    def __init__(self, question: Question, ports: Ports) -> None:
        self._question = question.id
        self._has_picture = Track.VIDEO in question.tracks
        self._ports = ports
        self._monitor = TakeMonitor(ports.clock.now())
        self._looks = 0

    async def look(self) -> frozenset[Topic]:
        """Measure sound and picture, and return what is missing since the start. Call this several times a second."""
        media_devices, view, now = self._ports.media_devices, self._ports.view, self._ports.clock.now()
        sound = media_devices.sound()
        view.show_level(sound.level if sound else None)
        self._monitor.hear(sound, now)
        if self._has_picture and not self._monitor.has_picture and self._looks % LOOKS_A_PICTURE == 0:
            self._monitor.see(await media_devices.brightness(), now)
        self._looks += 1
        missing = {Topic.SILENT: self._monitor.is_silent(now), Topic.BLACK: self._monitor.is_black(now)}
        return frozenset(topic for topic, holds in missing.items() if holds)

    def judge(self) -> frozenset[Topic]:
        """Return what is missing in the whole take, once it has ended."""
        now = self._ports.clock.now()
        missing = {
            Topic.SILENT_TAKE: self._monitor.is_silent(now, is_over=True),
            Topic.BLACK_TAKE: self._monitor.is_black(now, is_over=True),
        }
        return frozenset(topic for topic, holds in missing.items() if holds)
