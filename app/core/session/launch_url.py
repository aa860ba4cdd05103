"""Read the link that the candidate opened. It names a ticket or the host page, but never where media goes."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

MAX_FRAGMENT = 8_192  # characters; a ticket has a few hundred
_CHANNEL = re.compile(r"[0-9a-f]{32}")
_ENCODINGS = 3  # how often a link may be percent-encoded: by a mail program, a link checker, a chat program
_PART = "[A-Za-z0-9_-]+"  # of a ticket; RFC 7515: three base64url parts
# Quotes and brackets may surround a ticket, and a full stop or parameters may follow it. Quoted-printable turns "="
# into "=3D". A text with a fourth part is no ticket.
_TICKET = re.compile(
    rf"(?<![A-Za-z0-9_-])ticket(?![A-Za-z0-9_-])(?:=(?:3D(?=eyJ))?[\"'<(\[«“‘„]*"
    rf"(?P<ticket>{_PART}\.{_PART}\.{_PART})(?!\.?[A-Za-z0-9_-]))?"
)
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}")  # the form of a language tag, see app/core/locale.py


class LaunchUrlError(Exception):
    """The link is not a valid launch URL."""


@dataclass(frozen=True, slots=True)
class EmbedLaunch:
    """The checked values that the host page has put into its frame's URL."""

    channel: str  # the host page has made it for this one frame
    host: str  # the host page's origin, one of those that the operator has allowed


def is_embed(query: str) -> bool:
    """Return whether the page is embedded, so that its ticket comes by message."""
    return [value for name, value in parse_qsl(query.removeprefix("?")[:MAX_FRAGMENT]) if name == "embed"] == ["1"]


def embed_launch_of(fragment: str, allowed: Collection[str]) -> EmbedLaunch:
    """Return the channel and the host in a frame's fragment.

    The link can only choose among the origins that the operator has `allowed`. Raises LaunchUrlError if it names
    another one, or holds anything else.
    """
    if len(fragment) > MAX_FRAGMENT:
        raise LaunchUrlError("the fragment is too long")
    found = parse_qsl(fragment.removeprefix("#"), keep_blank_values=True)
    values = dict(found)
    if len(found) != 2 or values.keys() != {"channel", "host"}:
        raise LaunchUrlError("a frame's fragment holds `channel` and `host`, each once")
    if not _CHANNEL.fullmatch(values["channel"]):
        raise LaunchUrlError("a channel is 32 hexadecimal digits")
    if values["host"] not in allowed:
        raise LaunchUrlError("this site is not among those that may embed the page (--frame-ancestors)")
    return EmbedLaunch(**values)


def ticket_of(fragment: str, query: str = "") -> str | None:
    """Return the ticket of a link; None if the link has none. `query` is read if the fragment has none.

    Mail and chat programs change links: what they put behind, around or into a ticket is ignored.

    Raises LaunchUrlError if the ticket is malformed, if there are several, or if the link is too long.
    """
    return _ticket_in(fragment) or _ticket_in(query)


def address_of(query: str) -> str:
    """Return the query for the page's URL once its ticket is read: of `query` only the language."""
    language = dict(parse_qsl(query.removeprefix("?")[:MAX_FRAGMENT])).get("lang", "")
    return f"?lang={language}" if _LANGUAGE.fullmatch(language) else ""


def _ticket_in(text: str) -> str | None:
    if len(text) > MAX_FRAGMENT:
        raise LaunchUrlError("the link is too long")
    found = [match["ticket"] for match in _TICKET.finditer(_clean(text))]
    if not found:
        return None
    tickets = {ticket for ticket in found if ticket is not None}
    if len(tickets) != 1:
        raise LaunchUrlError("that is no ticket")
    return tickets.pop()


def _clean(text: str) -> str:
    """Remove percent-encoding and invisible characters: blanks, line ends, zero-width spaces, soft hyphens."""
    for _ in range(_ENCODINGS):
        text = unquote(text)
    text = re.sub(r"(?<!ticket)=\r?\n", "", text)  # the soft line breaks of quoted-printable
    return "".join(one for one in text if not one.isspace() and unicodedata.category(one) not in ("Cc", "Cf"))
