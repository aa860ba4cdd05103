"""Every question that a browser asks before it sends: the bucket's CORS rule answers it."""

import hashlib
from collections.abc import Iterable, Iterator

from server.cli.doctor.finding import Finding, fault
from server.cli.doctor.page_requests import Page
from server.cli.doctor.visit import INTERVIEW, Visit

_MD5 = hashlib.md5(b"", usedforsecurity=False).hexdigest()
_LIFE_S = 60


def check_preflights(visit: Visit) -> Iterator[Finding]:
    """Find an origin, a method or a header that no CORS rule lets through. Raises httpx.HTTPError."""
    key, urls = f"{INTERVIEW}/{visit.session}/answer.json", visit.storage.urls
    url, of_document = urls.sign_document(key, "application/json", size=0, md5=_MD5, life_s=_LIFE_S)
    part_url, of_part = urls.sign_part(key, "doctor", 1, size=0, md5=_MD5, life_s=_LIFE_S)
    names = list(dict.fromkeys([*of_document, *of_part]))
    for address, headers in ((part_url, of_part), (url, of_document)):
        if not _passes(visit.page, address, headers):
            visit.is_let_in = False
            yield fault(_advice(visit.page, address, names))
            return


def _passes(page: Page, url: str, names: Iterable[str]) -> bool:
    return page.may_send(page.preflight(url, names), names)


def _advice(page: Page, url: str, names: list[str]) -> str:
    """Say what exactly is missing: each header is tried alone, because stores refuse all of them together."""
    plain = page.preflight(url, [])
    if not page.may_send(plain, []):
        return f"No CORS rule lets the page in (OPTIONS answered {plain.status_code}). {page.cors_advice()}"
    missing = [name for name in names if not _passes(page, url, [name])]
    return f"The bucket's CORS rule lacks headers that the page sends. {page.cors_advice(missing or names)}"
