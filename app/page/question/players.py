"""Play the last recorded take."""

from collections.abc import Mapping, Sequence

from app.contract import Track
from app.page.kit.dom import element
from app.page.kit.language import _
from app.page.kit.player import load, player


class Players:
    def __init__(self, tracks: Sequence[Track]) -> None:
        self._players = {track: player(track, _label(track)) for track in tracks}
        self._urls: dict[Track, str] = {}
        self.node = element("div", *self._players.values(), class_="players", hidden="")

    def show(self, urls: Mapping[Track, str]) -> None:
        """Show a player for each URL; an empty mapping hides the players and releases the media."""
        for track, node in self._players.items():
            url = urls.get(track, "")
            if url != self._urls.get(track, ""):
                self._urls[track] = url
                load(node, url)
        self.node.show(bool(urls))


def _label(track: Track) -> str:
    return _("Your recorded video") if track is Track.VIDEO else _("Your recorded audio")
