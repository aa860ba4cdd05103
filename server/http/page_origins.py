"""CORS: the page may be served from origins of its own, and its calls to the signer be read there."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.contract import ASSIGNMENT_HEADER, DEVICE_HEADER

_PREFLIGHT_LIFE_S = 7200  # the longest that Chromium keeps one


class PageOrigins:
    """Let pages of other origins call /api/ and read every reply, errors too. No cookies: the ticket is a header."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        """`origins` are exact, such as https://jobs.example.org; none: only our own page can call."""
        self._app = app
        self._calls = app
        if origins:
            self._calls = CORSMiddleware(
                app,
                allow_origins=origins,
                allow_methods=("GET", "POST"),
                allow_headers=("Authorization", "Content-Type", DEVICE_HEADER, ASSIGNMENT_HEADER),
                expose_headers=("Retry-After", "X-Request-ID"),
                max_age=_PREFLIGHT_LIFE_S,
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and scope["path"].startswith("/api/")
        await (self._calls if is_call else self._app)(scope, receive, send)
