"""Offer the last takes for playback, and release their media again."""

from collections.abc import Mapping

from app.contract import Track
from app.core.errors import JournalUnread, RecordingGone
from app.core.ports import Ports
from app.recording.recorded import Recorded


class TakePlayback:
    """Own the object URLs of each question's last take."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._urls: dict[str, dict[Track, str]] = {}

    async def offer(self, question: str, recorded: Mapping[Track, Recorded]) -> None:
        urls = {}
        for track, one in recorded.items():
            if not one.size:
                continue
            try:
                media = await self._ports.journal.read(one.ref, 0, one.size)
            except (RecordingGone, JournalUnread):
                continue  # a window without storage releases acknowledged bytes: nothing to play
            urls[track] = self._ports.playback.url(media)
        self._urls[question] = urls
        self._ports.view.show_playback(question, urls)

    def put_away(self, question: str) -> None:
        """Hide the player, and keep what it plays."""
        self._ports.view.show_playback(question, {})

    def bring_back(self, question: str) -> None:
        """Show the player again. After a reload there is nothing left to play."""
        self._ports.view.show_playback(question, self._urls.get(question, {}))

    def close(self, question: str) -> None:
        """Hide the last take's player, and release what it plays."""
        for url in self._urls.pop(question, {}).values():
            self._ports.playback.revoke(url)
        self._ports.view.show_playback(question, {})

    def close_all(self) -> None:
        for question in list(self._urls):
            self.close(question)
