"""Read this window's launch URL: its ticket, or the host page that embeds it."""

from app.browser.window import window
from app.core.session.launch_url import EmbedLaunch, LaunchUrlError, address_of, embed_launch_of, ticket_of


def opened_ticket() -> str:
    """Return the launch URL's ticket, "" if it has none; correct the address, which may be reloaded or shared.

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
