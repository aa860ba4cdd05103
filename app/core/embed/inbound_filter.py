"""Who may speak to an embedded page: what does not belong here is dropped and counted, and never answered."""

from collections import Counter
from enum import StrEnum

from pydantic import ValidationError

from app.contract.embed.inbound import HOST_MESSAGE, MAX_MESSAGE_CHARACTERS, Configure, Order
from app.core.session.launch_url import EmbedLaunch
from app.core.session.ticket import is_same_session

BURST = 30  # messages at once; a host page has reason to send a handful
PER_SECOND = 5.0


class Drop(StrEnum):
    """Why a message went no further."""

    SOURCE = "source"  # not the window that embeds us
    ORIGIN = "origin"
    FLOOD = "flood"
    SIZE = "size"
    SCHEMA = "schema"  # another version, an unknown type, a field too many, a value of no good form
    CHANNEL = "channel"  # of another frame, or of this one before it was loaded anew
    TURN = "turn"  # an order before the ticket, or a ticket of another session


class InboundFilter:
    """Judge messages in two steps, so that nothing of a stranger's message is even looked at."""

    def __init__(self, link: EmbedLaunch) -> None:
        self._link = link
        self._ticket = ""  # until the host page has sent one
        self._allowance, self._filled_at = float(BURST), 0.0
        self.drops: Counter[Drop] = Counter()

    def admits(self, origin: str, *, is_parent: bool, now: float) -> bool:
        """Return whether a message from there is to be read, at clock second `now`."""
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
        """Return the message that `text` (JSON; None if it could not be made) holds; None if it is dropped."""
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
