"""Launch URLs, with the ticket in the fragment: repair those that a mail program has changed; log no ticket."""

import re
from urllib.parse import quote, unquote

# A JWT begins with {" in base64url ("eyJ"). A path that is encoded twice, or contains "=", may also hold one.
_SECRET = re.compile(r"[#%=&?]|eyj", re.IGNORECASE)
_PAGES = ("/", "/index.html", "/static/host.html")
_ENCODINGS = 3  # how many times a link is percent-encoded at most
MAX_LOGGED = 200  # characters


def launch_url(page_url: str, ticket: str) -> str:
    """Return a candidate's URL. The ticket is in the fragment, which no server and no referrer gets."""
    return f"{page_url}/#ticket={ticket}"


def redacted(path: str) -> str:
    """Return `path` as it may be logged: cut off where a ticket might begin."""
    found = _SECRET.search(path)
    shown = path[: found.start()] if found else path
    return quote(shown[:MAX_LOGGED]) + ("…" if found else "")


def repaired(path: str) -> str | None:
    """Return the launch URL, relative to this origin, whose "#" was percent-encoded; None for any other path.

    For such a URL a browser requests `/%23ticket=…` instead of `/`: the ticket is then part of the path.
    """
    for _ in range(_ENCODINGS):
        if "#" in path:
            break
        path = unquote(path)
    page, mark, fragment = path.partition("#")
    if not mark or page not in _PAGES:  # redirecting to any other path would be an open redirect
        return None
    return f"{page}#{quote(fragment, safe='=&')}"
