"""Filter the messages to an embedded page: unexpected ones are dropped and counted, and never answered."""

from collections import Counter
from enum import StrEnum

from pydantic import ValidationError

from app.contract.embed.inbound import HOST_MESSAGE, MAX_MESSAGE_CHARACTERS, Configure, Order
from app.core.session.launch_url import EmbedLaunch
from app.core.session.ticket import is_same_session

BURST = 30  # messages at once; a host page needs to send only a few
PER_SECOND = 5.0


class Drop(StrEnum):
    """Why a message was dropped."""

    SOURCE = "source"  # not the window that embeds us
    ORIGIN = "origin"
    FLOOD = "flood"
    SIZE = "size"
    SCHEMA = "schema"  # another version, an unknown type, an extra field or an invalid value
    CHANNEL = "channel"  # of another frame, or of this one before it was reloaded
    TURN = "turn"  # an order before the ticket, or a ticket of another session


class InboundFilter:
    """Check messages in two steps, sender first, so that a stranger's message is not even parsed."""

    def __init__(self, link: EmbedLaunch) -> None:
        self._link = link
        self._ticket = ""  # "": the host page has not sent one yet
        self._allowance, self._filled_at = float(BURST), 0.0
        self.drops: Counter[Drop] = Counter()

    def admits(self, origin: str, *, is_parent: bool, now: float) -> bool:
        """Return whether to read a message from this sender. `now` is in clock seconds."""
        if not is_parent:
            return self._drop(Drop.SOURCE)
        if origin != self._link.host:
            return self._drop(Drop.ORIGIN)
        self._allowance = min(BURST, self._allowance + (now - self._filled_at) * PER_SECOND)
        self._filled_at = now
        if self._allowance < 1:
            return self._drop(Drop.FLOOD)
        self._allowance -= 1
        return True

    def read(self, text: str | None) -> Configure | Order | None:
        """Return the message in `text` (JSON; None if the data has no JSON form); None if it is dropped."""
        if text is not None and len(text) > MAX_MESSAGE_CHARACTERS:
            self._drop(Drop.SIZE)
            return None
        try:
            message = HOST_MESSAGE.validate_json(text or "")
        except ValidationError:
            self._drop(Drop.SCHEMA)
            return None
        return message if self._is_in_turn(message) else None

    def _is_in_turn(self, message: Configure | Order) -> bool:
        if message.channel != self._link.channel:
            return self._drop(Drop.CHANNEL)
        if isinstance(message, Configure):
            if self._ticket not in ("", message.ticket) and not is_same_session(self._ticket, message.ticket):
                return self._drop(Drop.TURN)
            self._ticket = message.ticket
        return bool(self._ticket) or self._drop(Drop.TURN)

    def _drop(self, reason: Drop) -> bool:
        self.drops[reason] += 1
        return False
