"""The messages that a host page may send to the interview's frame. Every other message is dropped."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from app.contract.embed.theme import Theme
from app.contract.types import Nonce

PROTOCOL = 1
MAX_MESSAGE_CHARACTERS = 16 * 1024  # as JSON; a ticket has several hundred

Ticket = Annotated[
    str, StringConstraints(max_length=8_192, pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}$")
]  # RFC 7515
Locale = Annotated[str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]  # BCP 47


class _HostMessage(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    slipstream: Annotated[int, Field(ge=PROTOCOL, le=PROTOCOL)]  # a Literal would also accept True and 1.0
    channel: Nonce  # made by the host page for this one frame


class Configure(_HostMessage):
    """Begin the session with this ticket. A later message changes the theme, and may renew the session's ticket."""

    type: Literal["configure"]
    ticket: Ticket
    locale: Locale | None = None  # None: ticket and browser decide
    theme: Theme = Theme()


class Order(_HostMessage):
    """Do what the button of the same name does."""

    type: Literal["pause", "resume", "retry", "submit"]


HostMessage = Annotated[Configure | Order, Field(discriminator="type")]
HOST_MESSAGE: TypeAdapter[Configure | Order] = TypeAdapter(HostMessage)
