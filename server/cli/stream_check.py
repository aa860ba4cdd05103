"""Try the gateway that takes streams, as a page would; if something fails, say what to do."""

import hashlib
import secrets
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from app.contract import MIB
from server.cli.page_requests import CheckFailed, Page
from server.settings import Settings
from server.signer.part_sizes import STREAM_BYTES
from server.store.access import open_storage
from server.store.storage import Storage
from server.store.stream_gateway import StreamGateway

_PATIENCE_S = 60
_LIFE_S = 120  # of a URL
_EXAMPLE = "docs/stream-gateway.conf is an example."


def examine_streams(settings: Settings) -> None:
    """Check the gateway and, before a bucket of the operator's own, that a whole stream gets through.

    Raises CheckFailed, SettingsError, StoreError, httpx.HTTPError.
    """
    gateway = StreamGateway.of(settings)
    if gateway is None:
        return
    _check_protocol(gateway.origin)
    page_origin = settings.page_origin()
    with httpx.Client(timeout=_PATIENCE_S) as client:
        page = Page(client, page_origin)
        _check_refusal(page, gateway)
        if not settings.is_embedded:  # the embedded store has another port here than while it serves
            with open_storage(settings, page_origin) as storage:
                _send_stream(storage, page, gateway)


def _check_protocol(origin: str) -> None:
    """Raise CheckFailed unless the gateway speaks HTTP/2: browsers stream over no older version."""
    there = urlsplit(origin)
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with (
            socket.create_connection((there.hostname or "", there.port or 443), _PATIENCE_S) as plain,
            context.wrap_socket(plain, server_hostname=there.hostname) as connection,
        ):
            protocol = connection.selected_alpn_protocol()
    except ssl.SSLError as error:
        raise CheckFailed(f"{origin} has no TLS that a browser would accept ({error.reason}).") from None
    except OSError as error:
        raise CheckFailed(f"{origin} cannot be reached ({error.strerror or type(error).__name__}).") from None
    if protocol != "h2":
        raise CheckFailed(f"{origin} does not speak HTTP/2, and browsers stream over nothing else. {_EXAMPLE}")


def _check_refusal(page: Page, gateway: StreamGateway) -> None:
    """Raise CheckFailed unless the gateway refuses a URL that was signed with another secret."""
    forged = StreamGateway(gateway.origin, secrets.token_hex(16)).url("http://store/slipstream-doctor/forged?", _LIFE_S)
    answer = page.put(forged, {}, b"")
    if answer.headers.get("access-control-allow-origin") not in {"*", page.origin}:
        raise CheckFailed(f"The gateway does not let {page.origin} in (Access-Control-Allow-Origin). {_EXAMPLE}")
    page.preflight(forged, {})
    if answer.status_code != HTTPStatus.FORBIDDEN:
        raise CheckFailed(f"The gateway reads what the signer has not signed. {_EXAMPLE}")


def _send_stream(storage: Storage, page: Page, gateway: StreamGateway) -> None:
    """Send one part of full size whose length is not known before its end."""
    key = f"slipstream-doctor/{secrets.token_hex(8)}"
    upload = storage.multipart.create(key, "application/octet-stream", "doctor")
    try:
        store_url = storage.urls.sign_stream(key, upload, 1, life_s=_LIFE_S)
        answer = page.put(gateway.url(store_url, _LIFE_S), {}, _zeros())
    finally:
        storage.multipart.abort(key, upload)
    if answer.status_code == HTTPStatus.FORBIDDEN:
        raise CheckFailed(
            "Gateway or store refuses a stream that was signed. Has the gateway the same SLIPSTREAM_STREAM_SECRET and "
            f"the right time, and does it pass on `Host: {urlsplit(store_url).netloc}`?"
        )
    page.check(answer, "a stream", STREAM_BYTES)
    if "etag" not in answer.headers.get("access-control-expose-headers", "").lower():
        raise CheckFailed(f"The gateway hides ETag from pages. {_EXAMPLE}")
    if answer.headers.get("etag", "").strip('"') != hashlib.md5(bytes(STREAM_BYTES), usedforsecurity=False).hexdigest():
        raise CheckFailed(
            "The ETag of a stream is not its MD5. Set SLIPSTREAM_S3_MD5_ETAGS=false: no page streams then."
        )


def _zeros() -> Iterator[bytes]:
    for _ in range(STREAM_BYTES // MIB):
        yield bytes(MIB)
