"""Warn of a silent or black recording: while it runs, and once more at its end. The take is never refused."""

from app.contract import Question, Track
from app.core.notices import Notice, Topic
from app.core.ports import Ports
from app.core.recording.signal_quality import TakeMonitor

LOOKS_A_PICTURE = 4  # measurements of the sound per measurement of the picture, which costs more
EMPTY_TAKES = (Topic.SILENT_TAKE, Topic.BLACK_TAKE)


class SignalWatch:
    """Measure sound and picture of one take, and show what is missing."""

    def __init__(self, question: Question, ports: Ports) -> None:
        self._question = question.id
        self._has_picture = Track.VIDEO in question.tracks
        self._ports = ports
        self._monitor = TakeMonitor(ports.clock.now())
        self._looks = 0

    def look(self, *, is_muted: bool) -> None:
        """Measure sound and picture; call this several times a second. A muted device has its own notice."""
        media_devices, view, now = self._ports.media_devices, self._ports.view, self._ports.clock.now()
        sound = media_devices.sound()
        view.show_level(sound.level if sound else None)
        self._monitor.hear(sound, now)
        if self._has_picture and self._looks % LOOKS_A_PICTURE == 0:
            self._monitor.see(media_devices.brightness(), now)
        self._looks += 1
        self._tell(Topic.SILENT, holds=self._monitor.is_silent(now) and not is_muted)
        self._tell(Topic.BLACK, holds=self._monitor.is_black(now) and not is_muted)

    def conclude(self, *, is_kept: bool) -> None:
        """Hide the notices of the running take; if it is kept, show whether it is silent or black."""
        now = self._ports.clock.now()
        self._tell(Topic.SILENT, holds=False)
        self._tell(Topic.BLACK, holds=False)
        self._tell(Topic.SILENT_TAKE, holds=is_kept and self._monitor.is_silent(now, is_over=True))
        self._tell(Topic.BLACK_TAKE, holds=is_kept and self._monitor.is_black(now, is_over=True))

    def _tell(self, topic: Topic, *, holds: bool) -> None:
        if holds:
            self._ports.view.show_notice(Notice(topic, self._question))
        else:
            self._ports.view.hide_notice(topic, self._question)
