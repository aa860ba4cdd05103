"""What stands around every reply: security headers, one host name, one log line."""

import logging
import time
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.launch_url import redacted, repaired

_log = logging.getLogger("slipstream.access")
_LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}


def security_headers(store_origin: str, frame_ancestors: Sequence[str]) -> dict[str, str]:
    """Return the headers of every reply; the policy lets the page talk to us and to the store alone."""
    policy = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "object-src": "'none'",
        "script-src": "'self' 'wasm-unsafe-eval'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "media-src": "'self' blob:",
        "manifest-src": "'self'",
        "connect-src": f"'self' {store_origin}",
        "frame-src": "'self'",  # static/host.html embeds the page
        # A page of our own origin could do all this without a frame.
        "frame-ancestors": " ".join(["'self'", *frame_ancestors]),
        "require-trusted-types-for": "'script'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


class Surroundings:
    """Add the security headers, send other names of this machine to the one that works, and log.

    The embedded store lets one origin in, so `localhost` and `127.0.0.1` are not the same to it.
    """

    def __init__(self, app: ASGIApp, headers: dict[str, str], redirect_to: str | None) -> None:
        """`redirect_to` is the page's own scheme://host:port; None: any name is fine."""
        self._app = app
        self._headers = headers
        self._redirect_to = redirect_to

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if scope["path"].startswith("/api/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            app = self._elsewhere(scope) or self._app
            await app(scope, receive, send_with_headers)
        finally:
            took_ms = (time.monotonic() - started) * 1000
            # The path alone: a query may hold what somebody pasted there by mistake.
            _log.info("%s %s %d %.0f ms", scope["method"], redacted(scope["path"]), status, took_ms)

    def _elsewhere(self, scope: Scope) -> ASGIApp | None:
        if scope["method"] not in ("GET", "HEAD"):
            return None
        if (link := repaired(scope["path"])) is not None:
            return RedirectResponse(link, HTTPStatus.TEMPORARY_REDIRECT, {"Cache-Control": "no-store"})
        if self._redirect_to is None:
            return None
        host = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname
        wanted = urlsplit(self._redirect_to).hostname
        if host == wanted or host not in _LOOPBACK_NAMES or scope["path"].startswith("/api/"):
            return None
        query = scope["query_string"].decode("latin-1")
        # A browser keeps the fragment, and with it the ticket.
        url = self._redirect_to + quote(scope["path"]) + (f"?{query}" if query else "")
        return RedirectResponse(url, HTTPStatus.TEMPORARY_REDIRECT)
