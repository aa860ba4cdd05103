"""Read this window's launch URL: its ticket, or the host page that embeds it."""

from app.browser.window import window
from app.core.session.launch_url import EmbedLaunch, LaunchUrlError, address_of, embed_launch_of, ticket_of


def opened_ticket() -> str:
    """Return the launch URL's ticket, after a reload the one that this page has kept; "" if there is none.

    Raises LaunchUrlError.
    """
    kept = window.kept_ticket()
    if kept and not window.fragment():  # what the query has, has been read before, or is not a mail program's
        return kept
    return ticket_of(window.fragment(), window.query()) or kept


def keep_ticket(ticket: str) -> None:
    """Take the ticket out of the address bar, where others could read it; a reload finds it. "": keep none."""
    window.keep_ticket(ticket, address_of(window.query()))


def opened_embed() -> EmbedLaunch:
    """Return the channel and host of the page that embeds this one. Raises LaunchUrlError."""
    launch = embed_launch_of(window.fragment(), window.hosts())
    if not window.is_framed():
        raise LaunchUrlError("nobody embeds this page")
    return launch
