"""The link that has opened this window: its ticket, or who embeds the page."""

from app.browser.window import window
from app.core.session.launch_url import EmbedLaunch, LaunchUrlError, address_of, embed_launch_of, ticket_of


def opened_ticket() -> str:
    """Return the link's ticket, "" if it has none, and mend the address: it may be reloaded, or sent on.

    Raises LaunchUrlError.
    """
    ticket = ticket_of(window.fragment(), window.query()) or ""
    if ticket and window.fragment() != f"#ticket={ticket}":
        window.readdress(address_of(window.query(), ticket))
    return ticket


def opened_embed() -> EmbedLaunch:
    """Return the channel and host of the page that embeds this one. Raises LaunchUrlError."""
    launch = embed_launch_of(window.fragment(), window.hosts())
    if not window.is_framed():
        raise LaunchUrlError("nobody embeds this page")
    return launch
