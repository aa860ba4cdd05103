"""Offer the last takes for playback, and release their media again."""

from collections.abc import Mapping

from app.contract import Track
from app.core.errors import JournalUnread, RecordingGone
from app.core.media import Media
from app.core.ports import Ports
from app.recording.recorded import Recorded


class TakePlayback:
    """Own the object URLs of each question's last take."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._urls: dict[str, dict[Track, str]] = {}
        self._pieces: dict[str, dict[Track, Media]] = {}  # of these, what is still put together of pieces
        self._away: set[str] = set()  # questions whose player is hidden

    async def offer(self, question: str, recorded: Mapping[Track, Recorded]) -> None:
        urls, pieces = {}, {}
        for track, one in recorded.items():
            if not one.size:
                continue
            try:
                media = await self._ports.journal.read(one.ref, 0, one.size)
            except (RecordingGone, JournalUnread):
                continue  # a window without storage releases acknowledged bytes: nothing to play
            urls[track] = self._ports.playback.url(media)
            pieces[track] = media
        self._urls[question], self._pieces[question] = urls, pieces
        self._away.discard(question)
        self._ports.view.show_playback(question, urls)

    async def settle(self, question: str) -> None:
        """Have what a question's players play in one file each. Call this once it is left: its players begin anew."""
        before = self._urls.get(question, {})
        for track, media in self._pieces.pop(question, {}).items():
            url = await self._ports.playback.settled_url(media)
            if url is None:
                continue
            playing = self._urls.get(question, {})
            if playing.get(track) != before[track]:  # released meanwhile, or another take is there
                self._ports.playback.revoke(url)
                continue
            self._urls[question] = {**playing, track: url}
            self._ports.playback.revoke(before[track])
            if question not in self._away:
                self._ports.view.show_playback(question, self._urls[question])

    def put_away(self, question: str) -> None:
        """Hide the player, and keep what it plays."""
        self._away.add(question)
        self._ports.view.show_playback(question, {})

    def bring_back(self, question: str) -> None:
        """Show the player again. After a reload there is nothing left to play."""
        self._away.discard(question)
        self._ports.view.show_playback(question, self._urls.get(question, {}))

    def close(self, question: str) -> None:
        """Hide the last take's player, and release what it plays."""
        self._pieces.pop(question, None)
        self._away.discard(question)
        for url in self._urls.pop(question, {}).values():
            self._ports.playback.revoke(url)
        self._ports.view.show_playback(question, {})

    def close_all(self) -> None:
        for question in list(self._urls):
            self.close(question)
