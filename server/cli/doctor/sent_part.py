"""One part on its way from the page to the store."""

import hashlib
import re
from collections.abc import Generator, Iterator

import httpx

from app.contract import SignedPart
from server.cli.doctor.finding import Finding, fault, note
from server.cli.doctor.visit import Visit

_ETAG = re.compile(r"[!#-~]{1,200}")
_HIDDEN_REFUSALS = (
    "Refusals (403) come without Access-Control-Allow-Origin, so that pages take an expired URL for a lost connection. "
    "Where something before the store answers, let it add the header to every reply (nginx: `add_header … always`)."
)


def md5_of(size: int) -> str:
    """Return the MD5 of the bytes that are sent: zeros."""
    return hashlib.md5(bytes(size), usedforsecurity=False).hexdigest()


def try_another_size(visit: Visit, signed: SignedPart) -> Iterator[Finding]:
    """Send less than was signed: the store has to refuse it, and a page has to see that."""
    answer = visit.page.put(signed.url, signed.headers, b"another size")
    if answer.is_success:
        yield fault(
            "The store took another size than was signed. It does not check signatures fully: whoever has a URL could "
            "store anything there. Use another store, or have it check SigV4 (no anonymous writing)."
        )
    elif visit.is_let_in and visit.profile.shows_refusals and not visit.page.lets_in(answer):
        yield note(_HIDDEN_REFUSALS)


def send_part(visit: Visit, signed: SignedPart, what: str) -> Generator[Finding, None, str | None]:
    """Send the part; return its ETag, or None if the store has not taken it. Raises httpx.HTTPError."""
    try:
        answer = visit.page.put(signed.url, signed.headers, bytes(signed.size))
    except httpx.TransportError as error:
        yield fault(
            f"The connection broke ({type(error).__name__}) while {what} of {signed.size} bytes was sent. Let bodies "
            "of that size through whatever is before the store (nginx: `client_max_body_size`, `client_body_timeout`)."
        )
        return None
    yield from visit.page.check(answer, what, signed.size, ["ETag"])
    if not answer.is_success:
        return None
    etag = answer.headers.get("etag", "").removeprefix("W/").strip('"').removesuffix("-gzip")
    if not _ETAG.fullmatch(etag):
        yield fault(
            "The reply to a part has no ETag that is one: nothing proves what arrived. Let whatever is before the "
            "store pass that header on."
        )
    elif visit.storage.access.has_md5_etags and etag != md5_of(signed.size):
        yield fault(
            "The ETag of a part is not its MD5 (does the bucket encrypt with KMS?). Set SLIPSTREAM_S3_MD5_ETAGS=false: "
            "then a signed Content-MD5 proves what has arrived."
        )
    return etag if _ETAG.fullmatch(etag) else None


def try_damaged_part(visit: Visit, key: str, upload: str, size: int) -> Iterator[Finding]:
    """Send other bytes than the signed MD5 is of: where ETags are no MD5, only the store can find that."""
    other = hashlib.md5(bytes(size - 1) + b"x", usedforsecurity=False).hexdigest()
    url, headers = visit.storage.urls.sign_part(key, upload, 1, size=size, md5=other, life_s=60)
    if visit.page.put(url, headers, bytes(size)).is_success:
        yield fault(
            "The store takes a part whose Content-MD5 is wrong, and its ETags are no MD5: nothing would prove what has "
            "arrived. Use a bucket without KMS, or another store."
        )
