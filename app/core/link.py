"""Read the link a candidate has opened. Only the ticket is taken from it, and only from the fragment."""

import re
from urllib.parse import parse_qsl

MAX_FRAGMENT = 8_192  # characters; a ticket has some hundreds
_TICKET = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")  # RFC 7515: three base64url parts


class LinkError(Exception):
    """The link is not one of ours."""


def ticket_of(fragment: str) -> str | None:
    """Return the ticket in a URL's fragment (with or without "#"); None if the link has none.

    Raises LinkError if there is one that cannot be a ticket, or more than one.
    """
    fragment = fragment.removeprefix("#")
    if len(fragment) > MAX_FRAGMENT:
        raise LinkError("the fragment is too long")
    tickets = [value for name, value in parse_qsl(fragment, keep_blank_values=True) if name == "ticket"]
    if not tickets:
        return None
    if len(tickets) > 1 or not _TICKET.fullmatch(tickets[0]):
        raise LinkError("that is no ticket")
    return tickets[0]
