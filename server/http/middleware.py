"""ASGI middleware around the whole application: access log, reply headers, redirects."""

import logging
import time
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from secure import Secure
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.launch_url import redacted, repaired
from server.http.problem_details import plain_problem
from server.metrics import CALL_SECONDS

_log = logging.getLogger("slipstream.access")
_OPENER_POLICY = "Cross-Origin-Opener-Policy"
_LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}


class AccessLog:
    """Write one line for each request (method, path, status, duration), and measure the signer's calls."""

    def __init__(self, app: ASGIApp, calls: frozenset[str]) -> None:
        """`calls` are the paths of the signer's calls."""
        self._app = app
        self._calls = calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            took_s = time.monotonic() - started
            if scope["path"] in self._calls and scope["method"] != "OPTIONS":  # a preflight is no call
                CALL_SECONDS.labels(scope["path"], status).observe(took_s)
            # Without the query: it may hold a ticket that somebody pasted there by mistake.
            _log.info("%s %s %d %.0f ms", scope["method"], redacted(scope["path"]), status, took_s * 1000)


class ReplyHeaders:
    """Put the security headers on every reply, and keep replies of /api/ out of every cache.

    We do not use secure's own middleware: it sends capitals in header names, which ASGI does not allow.
    """

    def __init__(self, app: ASGIApp, secure: Secure) -> None:
        self._app = app
        self._headers = dict(secure.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    if name != _OPENER_POLICY or _is_trustworthy(scope, self._headers):
                        headers.setdefault(name, value)  # host pages load slipstream.js, which has a wider policy
                if scope["path"].startswith("/api/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _is_trustworthy(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Return whether browsers trust the page's origin. Elsewhere they ignore the opener policy, and complain."""
    if scope["scheme"] == "https" or "Strict-Transport-Security" in headers:
        return True
    host = Headers(scope=scope).get("host", "").lower()
    return host.startswith("[::1]") or host.partition(":")[0] in _LOOPBACK_NAMES


class Redirects:
    """Redirect damaged launch URLs to the page, and other names of this machine to the one that works.

    The embedded store allows one origin only, so it does not accept both `localhost` and `127.0.0.1`.
    """

    def __init__(self, app: ASGIApp, page_origin: str | None) -> None:
        """`page_origin` is the page's own scheme://host:port; None: any name works."""
        self._app = app
        self._page_origin = page_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_read = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        try:
            app = (self._elsewhere(scope) if is_read else None) or self._app
        except ValueError:  # RFC 9112, 3.2: a server answers an invalid Host with 400
            app = plain_problem(HTTPStatus.BAD_REQUEST, "The Host header is not valid.")
        await app(scope, receive, send)

    def _elsewhere(self, scope: Scope) -> ASGIApp | None:
        if (link := repaired(scope["path"])) is not None:
            return RedirectResponse(link, HTTPStatus.TEMPORARY_REDIRECT, {"Cache-Control": "no-store"})
        if self._page_origin is None:
            return None
        host = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname
        wanted = urlsplit(self._page_origin).hostname
        if host == wanted or host not in _LOOPBACK_NAMES or scope["path"].startswith("/api/"):
            return None
        query = scope["query_string"].decode("latin-1")
        # A browser keeps the fragment, and with it the ticket.
        url = self._page_origin + quote(scope["path"]) + (f"?{query}" if query else "")
        return RedirectResponse(url, HTTPStatus.TEMPORARY_REDIRECT)
