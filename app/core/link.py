"""Read the link a candidate has opened. Where media goes is not in it: only a ticket, or who embeds the page."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl

MAX_FRAGMENT = 8_192  # characters; a ticket has some hundreds
_CHANNEL = re.compile(r"[0-9a-f]{32}")
_TICKET = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")  # RFC 7515: three base64url parts


class LinkError(Exception):
    """The link is not one of ours."""


@dataclass(frozen=True, slots=True)
class EmbedLink:
    """What a host page has put into its frame's address, checked."""

    channel: str  # which it has made for this one frame
    host: str  # its origin; one of those that the operator has named


def is_embed(query: str) -> bool:
    """Return whether the ticket is to come by message."""
    return [value for name, value in parse_qsl(query.removeprefix("?")[:MAX_FRAGMENT]) if name == "embed"] == ["1"]


def embed_link_of(fragment: str, allowed: Collection[str]) -> EmbedLink:
    """Return channel and host of a frame's fragment.

    The link only chooses among the origins that the operator has `allowed`. Raises LinkError if it names another,
    or anything that it need not.
    """
    if len(fragment) > MAX_FRAGMENT:
        raise LinkError("the fragment is too long")
    found = parse_qsl(fragment.removeprefix("#"), keep_blank_values=True)
    values = dict(found)
    if len(found) != 2 or values.keys() != {"channel", "host"}:
        raise LinkError("a frame's fragment holds `channel` and `host`, each once")
    if not _CHANNEL.fullmatch(values["channel"]):
        raise LinkError("a channel is 32 hexadecimal digits")
    if values["host"] not in allowed:
        raise LinkError("this site is not among those that may embed the page (--frame-ancestors)")
    return EmbedLink(**values)


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
