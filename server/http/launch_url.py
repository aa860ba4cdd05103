"""Launch URLs carry the ticket in the fragment; where a mail program moved it, it is put back, and never logged."""

import re
from urllib.parse import quote, unquote

# A JWT begins with {" in base64url ("eyJ"). A path that is encoded twice, or contains "=", may hide or name one.
_SECRET = re.compile(r"[#%=&?]|eyj", re.IGNORECASE)
_PAGES = ("/", "/index.html", "/static/host.html")
_ENCODINGS = 3  # how often a link is percent-encoded at most
MAX_LOGGED = 200  # characters


def launch_url(page_url: str, ticket: str) -> str:
    """Return a candidate's URL. The ticket stands in the fragment: no server and no referrer sees it."""
    return f"{page_url}/#ticket={ticket}"


def redacted(path: str) -> str:
    """Return `path` as it may be logged: cut off where a ticket might begin."""
    found = _SECRET.search(path)
    shown = path[: found.start()] if found else path
    return quote(shown[:MAX_LOGGED]) + ("…" if found else "")


def repaired(path: str) -> str | None:
    """Return the launch URL, relative to this origin, whose "#" was percent-encoded; None for any other path.

    A browser asks for `/%23ticket=…` in place of `/`, and the ticket stands in the path.
    """
    for _ in range(_ENCODINGS):
        if "#" in path:
            break
        path = unquote(path)
    page, mark, fragment = path.partition("#")
    if not mark or page not in _PAGES:  # redirecting to any other path would be an open redirect
        return None
    return f"{page}#{quote(fragment, safe='=&')}"
