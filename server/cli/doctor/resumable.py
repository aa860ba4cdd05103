"""Try a resumable session as signer and page use it, if a policy asks for it; if something fails, say what to do."""

import hashlib
from collections.abc import Generator, Iterator
from contextlib import suppress

import httpx

from app.contract import Layout
from server.cli.doctor.finding import Finding, fault
from server.cli.doctor.page_requests import Page
from server.cli.doctor.visit import Visit
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


def check_sessions(visit: Visit) -> Iterator[Finding]:
    """Send an object in two parts. Raises StoreError, httpx.HTTPError."""
    key, sessions = visit.key("session/video.webm"), visit.storage.sessions
    session = sessions.start(key, "application/octet-stream", _TOKEN, visit.page.origin)
    try:
        if (yield from _send(sessions.page_url(session), visit.page)):
            yield from _compare(visit.storage, key)
    finally:
        sessions.cancel(session)


def _send(url: str, page: Page) -> Generator[Finding, None, bool]:
    """Send both parts; return whether the store has taken them."""
    if not page.may_send(page.preflight(url, ["content-range"]), ["content-range"]):
        yield fault(page.cors_advice(["content-range"]))
    first = page.put(url, {"content-range": f"bytes 0-{_STEP - 1}/*"}, _BODY[:_STEP])
    if first.status_code != 308 or first.headers.get("range") != f"bytes=0-{_STEP - 1}":
        yield fault(
            f"The store does not continue a resumable session as Google's documents say ({first.status_code}). Leave "
            "`layout` out of the policy."
        )
        return False
    yield from _check_shown(first, page, "range")
    last = page.put(url, {"content-range": f"bytes {_STEP}-{len(_BODY) - 1}/{len(_BODY)}"}, _END)
    yield from page.check(last, "the last part", len(_END))
    yield from _check_shown(last, page, "etag")
    return last.is_success


def _check_shown(reply: httpx.Response, page: Page, name: str) -> Iterator[Finding]:
    if not page.lets_in(reply):
        yield fault(page.cors_advice())
    elif not page.shows(reply, name):
        yield fault(f"The bucket hides {name} from pages: name it in the CORS file's `responseHeader`, too.")


def _compare(storage: Storage, key: str) -> Iterator[Finding]:
    found = storage.objects.head(key)
    if found is None or (found.size, found.token) != (len(_BODY), _TOKEN):
        yield fault(
            "The object of a resumable session has another size than was sent, or has lost its metadata. Leave "
            "`layout` out of the policy."
        )
    elif found.md5 != hashlib.md5(_BODY, usedforsecurity=False).hexdigest():
        yield fault(
            "The store names no MD5 of an object (`x-goog-hash`): nothing would prove what has arrived. Leave `layout` "
            "out of the policy."
        )
