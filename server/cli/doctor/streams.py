"""Try the gateway that takes streams, as a page would; if something fails, say what to do."""

import hashlib
import secrets
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from app.contract import MIB
from server.cli.doctor.finding import CannotGoOn, Finding, fault
from server.cli.doctor.page_requests import Page, page_client
from server.cli.doctor.visit import Visit
from server.signer.part_sizes import STREAM_BYTES
from server.store.stream_gateway import StreamGateway

_PATIENCE_S = 60
_LIFE_S = 120  # of a URL
_EXAMPLE = "docs/stream-gateway.conf is an example."


def check_streams(visit: Visit) -> Iterator[Finding]:
    """Check the gateway and, before a bucket of the operator's own, that a whole stream gets through.

    Raises CannotGoOn, StoreError, httpx.HTTPError.
    """
    gateway = StreamGateway.of(visit.settings)
    if gateway is None:
        return
    _check_protocol(gateway.origin)
    with page_client(trust_env=True) as client:
        page = Page(client, visit.page.origin, _EXAMPLE)
        yield from _check_refusal(page, gateway)
        if not visit.settings.is_embedded:  # the embedded store has another port here than while it serves
            yield from _send_stream(visit, page, gateway)


def _check_protocol(origin: str) -> None:
    """Raise CannotGoOn unless the gateway speaks HTTP/2: browsers stream over no older version."""
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
        raise CannotGoOn(f"{origin} has no TLS that a browser would accept ({error.reason}).") from None
    except OSError as error:
        raise CannotGoOn(f"{origin} cannot be reached ({error.strerror or type(error).__name__}).") from None
    if protocol != "h2":
        raise CannotGoOn(f"{origin} does not speak HTTP/2, and browsers stream over nothing else. {_EXAMPLE}")


def _check_refusal(page: Page, gateway: StreamGateway) -> Iterator[Finding]:
    """Send a URL that was signed with another secret: the gateway has to refuse it."""
    forged = StreamGateway(gateway.origin, secrets.token_hex(16)).url("http://store/slipstream-doctor/forged?", _LIFE_S)
    answer = page.put(forged, {}, b"")
    if not page.lets_in(answer):
        yield fault(f"The gateway does not let {page.origin} in (Access-Control-Allow-Origin). {_EXAMPLE}")
    elif not page.may_send(page.preflight(forged, []), []):
        yield fault(f"The gateway does not let {page.origin} send PUT (Access-Control-Allow-Methods). {_EXAMPLE}")
    if answer.status_code != HTTPStatus.FORBIDDEN:
        yield fault(f"The gateway reads what the signer has not signed. {_EXAMPLE}")


def _send_stream(visit: Visit, page: Page, gateway: StreamGateway) -> Iterator[Finding]:
    """Send one part of full size whose length is not known before its end."""
    key = visit.key("stream/video.webm")
    upload = visit.storage.multipart.create(key, "application/octet-stream", "doctor")
    visit.will_abort(key, upload)
    store_url = visit.storage.urls.sign_stream(key, upload, 1, life_s=_LIFE_S)
    answer = page.put(gateway.url(store_url, _LIFE_S), {}, _zeros())
    if answer.status_code == HTTPStatus.FORBIDDEN:
        yield fault(
            "Gateway or store refuses a stream that was signed. Has the gateway the same SLIPSTREAM_STREAM_SECRET and "
            f"the right time, and does it pass on `Host: {urlsplit(store_url).netloc}`?"
        )
        return
    yield from page.check(answer, "a stream", STREAM_BYTES, ["ETag"])
    if answer.is_success and answer.headers.get("etag", "").strip('"') != _md5_of_zeros():
        yield fault("The ETag of a stream is not its MD5. Set SLIPSTREAM_S3_MD5_ETAGS=false: no page streams then.")


def _md5_of_zeros() -> str:
    return hashlib.md5(bytes(STREAM_BYTES), usedforsecurity=False).hexdigest()


def _zeros() -> Iterator[bytes]:
    for _ in range(STREAM_BYTES // MIB):
        yield bytes(MIB)
