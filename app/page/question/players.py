"""Play the take just recorded."""

from collections.abc import Mapping, Sequence

from app.contract import Track
from app.page.kit.dom import Node, element
from app.page.kit.language import _


class Players:
    def __init__(self, tracks: Sequence[Track]) -> None:
        self._players = {track: _player(track) for track in tracks}
        self._urls: dict[Track, str] = {}
        self.node = element("div", *self._players.values(), class_="players", hidden=True)

    def show(self, urls: Mapping[Track, str]) -> None:
        """An empty mapping takes the offer away; nothing then holds the media."""
        for track, player in self._players.items():
            url = urls.get(track, "")
            if url != self._urls.get(track, ""):
                self._urls[track] = url
                _load(player, url)
        self.node.show(bool(urls))


def _player(track: Track) -> Node:
    if track is Track.VIDEO:
        return element(
            "video",
            controls=True,
            playsinline=True,
            preload="metadata",
            hidden=True,
            aria_label=_("Your recorded video"),
        )
    return element("audio", controls=True, preload="metadata", hidden=True, aria_label=_("Your recorded audio"))


def _load(player: Node, url: str) -> None:
    player.js_element.pause()
    player.attribute("src", url or None)
    player.js_element.load()  # without a source this lets go of the one before
    player.show(bool(url))
