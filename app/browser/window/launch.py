"""Read this window's launch URL: its ticket, or the host page that embeds it."""

from app.browser.window import window
from app.core.session.launch_url import EmbedLaunch, LaunchUrlError, address_of, embed_launch_of, ticket_of


def opened_ticket() -> str:
    """Return the launch URL's ticket, after a reload the one that this tab has kept; "" if there is none.

    The ticket leaves the address bar, where others could read it. Where the tab can keep nothing it stays there, in a
    link that may be reloaded. Raises LaunchUrlError.
    """
    ticket = ticket_of(window.fragment(), window.query())
    if ticket is None:
        return window.kept_ticket()
    shown = "" if window.keep_ticket(ticket) else ticket
    if not shown or window.fragment() != f"#ticket={ticket}":
        window.readdress(address_of(window.query(), shown))
    return ticket


def opened_embed() -> EmbedLaunch:
    """Return the channel and host of the page that embeds this one. Raises LaunchUrlError."""
    launch = embed_launch_of(window.fragment(), window.hosts())
    if not window.is_framed():
        raise LaunchUrlError("nobody embeds this page")
    return launch
