"""Try a resumable session as signer and page use it, if a policy asks for it; if something fails, say what to do."""

import hashlib
import secrets
from contextlib import suppress

import httpx

from app.contract import Layout
from server.cli.page_requests import CheckFailed, Page, cors_advice
from server.errors import StoreError
from server.settings import Settings
from server.signer.interview_file import InterviewError, read_interview
from server.signer.interviews import Interviews
from server.store.storage import Storage

_STEP = 256 * 1024
_END = b"the end"
_BODY = bytes(_STEP) + _END
_TOKEN = "doctor"  # noqa: S105  no secret: metadata of an object that is deleted at once


def wants_sessions(settings: Settings) -> bool:
    """Return whether the settings or an interview's file ask for the layout `resumable`."""
    policies = [settings.policy]
    for path in Interviews(settings.interviews).files():
        with suppress(InterviewError):  # reported by its own check
            policies.append(dict(read_interview(path).policy))
    return any(policy.get("layout") == Layout.RESUMABLE for policy in policies)


def examine_sessions(storage: Storage, page: Page) -> None:
    """Send an object in two parts. Raises CheckFailed, StoreError, httpx.HTTPError.

    The object is deleted again, if the signer may do so.
    """
    key = f"slipstream-doctor/{secrets.token_hex(8)}"
    session = storage.sessions.start(key, "application/octet-stream", _TOKEN, page.origin)
    try:
        _send(storage.sessions.page_url(session), page)
        _compare(storage, key)
    finally:
        storage.sessions.cancel(session)
        with suppress(StoreError):
            storage.objects.delete(key)


def _send(url: str, page: Page) -> None:
    page.preflight(url, {"content-range": ""})
    first = page.put(url, {"content-range": f"bytes 0-{_STEP - 1}/*"}, _BODY[:_STEP])
    if first.status_code != 308 or first.headers.get("range") != f"bytes=0-{_STEP - 1}":
        raise CheckFailed(
            f"The store does not continue a resumable session as Google's documents say ({first.status_code}). Leave "
            "`layout` out of the policy."
        )
    _check_shown(first, page, "range")
    last = page.put(url, {"content-range": f"bytes {_STEP}-{len(_BODY) - 1}/{len(_BODY)}"}, _END)
    page.check(last, "the last part", len(_END))
    _check_shown(last, page, "etag")


def _check_shown(reply: httpx.Response, page: Page, name: str) -> None:
    if reply.headers.get("access-control-allow-origin") not in {"*", page.origin}:
        raise CheckFailed(cors_advice(page.origin, ""))
    if name not in reply.headers.get("access-control-expose-headers", "").lower():
        raise CheckFailed(f"The bucket hides {name} from pages: name it in the CORS file's `responseHeader`, too.")


def _compare(storage: Storage, key: str) -> None:
    found = storage.objects.head(key)
    if found is None or (found.size, found.token) != (len(_BODY), _TOKEN):
        raise CheckFailed("The object of a resumable session has another size than was sent, or has lost its metadata.")
    if found.md5 != hashlib.md5(_BODY, usedforsecurity=False).hexdigest():
        raise CheckFailed("The store names no MD5 of an object (`x-goog-hash`): nothing would prove what has arrived.")
