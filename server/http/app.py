"""Signer and page as one ASGI application."""

import re
from pathlib import Path

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from server.http import routes
from server.http.dependencies import Signer
from server.http.draining import draining
from server.http.metrics_page import metrics_page
from server.http.middleware import AccessLog, Redirects, ReplyHeaders
from server.http.openapi import DocumentedApp, docs_page
from server.http.page_origins import PageOrigins
from server.http.problem_details import add_problem_handlers
from server.http.security_headers import security_headers
from server.http.static_files import PageFiles
from server.settings import ROOT, Settings


def create_app(settings: Settings, signer: Signer, *, page_origin: str | None = None, root: Path = ROOT) -> ASGIApp:
    """Return the application.

    `page_origin` is the only origin of this machine that the store's CORS rule allows; None: it allows any.
    """
    app = DocumentedApp(
        title="Slipstream signer",
        description="Hands out signed URLs for one candidate's answers. Every error is problem+json.",
        version="1",
        docs_url=None,  # FastAPI's own pages load scripts from other origins; ours needs none
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=draining(signer.health, settings.drain_s),
    )
    app.state.signer = signer
    add_problem_handlers(app)
    app.include_router(routes.router)
    app.add_api_route("/api/docs", lambda: HTMLResponse(docs_page(app.openapi())), include_in_schema=False)
    app.add_api_route(
        "/metrics", metrics_page(settings.metrics_token, is_local=settings.is_local), include_in_schema=False
    )
    app.mount("/", PageFiles(root, (settings.interviews, settings.data), settings.frame_ancestors))
    # Wrapped around the application, not added as FastAPI's middleware: FastAPI's own 500 needs the headers too.
    stores = [origin for origin in (signer.store_origin, signer.stream_origin) if origin is not None]
    is_tls = settings.url is not None and settings.url.scheme == "https"
    headers = security_headers(stores, settings.frame_ancestors, is_tls=is_tls)
    calls = frozenset(str(route.path) for route in routes.router.routes if isinstance(route, APIRoute))
    called = PageOrigins(Redirects(app, page_origin), settings.page_origins)
    surrounded = AccessLog(ReplyHeaders(called, headers), calls)
    return CorrelationIdMiddleware(surrounded, validator=_is_request_id)


def _is_request_id(header: str) -> bool:
    """Return whether a proxy's request id may be used: it goes into the log, so only the form of an id is allowed."""
    return re.fullmatch(r"[0-9a-fA-F-]{32,36}", header) is not None
