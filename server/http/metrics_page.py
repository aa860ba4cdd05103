"""GET /metrics: for Prometheus, and not for the world."""

import hmac
import ipaddress
import os
from collections.abc import Awaitable, Callable

from fastapi import Request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.responses import Response

_BY_A_PROXY = ("x-forwarded-for", "forwarded", "x-real-ip", "via")  # any of them: the caller may be anybody


def metrics_page(token: SecretStr | None, *, is_local: bool) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler. Without a `token` it answers only callers on this machine, and none by way of a proxy.

    `is_local`: False means that the signer is reached from outside. A proxy on this machine may add no header; then
    only a token tells Prometheus from anybody else.
    """

    async def metrics(request: Request) -> Response:
        is_known = _has(token, request) if token is not None else is_local and _is_from_here(request)
        if not is_known:
            raise HTTPException(404)  # as if it were not there
        return Response(
            generate_latest(_registry()), headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST
        )

    return metrics


def _registry() -> CollectorRegistry:
    """Return the figures of all worker processes, if the operator has given them a folder to share; else our own."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def _has(token: SecretStr, request: Request) -> bool:
    expected = f"Bearer {token.get_secret_value()}".encode()
    return hmac.compare_digest(request.headers.get("authorization", "").encode(), expected)


def _is_from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _BY_A_PROXY):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:  # a socket's name, or a test's
        return False
