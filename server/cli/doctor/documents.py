"""Send a document as a page does, write one as the signer does, and read both."""

import hashlib
from collections.abc import Iterator

from server.cli.doctor.finding import Finding, fault
from server.cli.doctor.permission import Action, Denied, needing
from server.cli.doctor.visit import Visit
from server.store.error_mapping import store_errors

_BODY = b'{"text": "Slipstream was here."}'
_TYPE = "application/json"
_LIFE_S = 120  # of a URL


def check_documents(visit: Visit) -> Iterator[Finding]:
    """Find a store that refuses, hides or changes a session's documents. Raises StoreError, httpx.HTTPError."""
    try:
        yield from _of_page(visit)
        with needing(Action.WRITE, visit.bucket):
            visit.storage.objects.write_once(visit.key("submission.json"), b"{}", _TYPE)
    except Denied as denied:
        yield denied.finding


def _of_page(visit: Visit) -> Iterator[Finding]:
    key, md5 = visit.key("answer.json"), hashlib.md5(_BODY, usedforsecurity=False).hexdigest()
    url, headers = visit.storage.urls.sign_document(key, _TYPE, size=len(_BODY), md5=md5, life_s=_LIFE_S)
    answer = visit.page.put(url, headers, _BODY)
    yield from visit.page.check(answer, "a document", len(_BODY))
    if not answer.is_success:
        return
    with needing(Action.READ, visit.bucket), visit.storage.bucket.calling(store_errors()):
        found = visit.storage.bucket.client.get_object(**visit.storage.bucket.at(key))
        body = found["Body"].read()
    if body != _BODY:
        yield fault("A document is read otherwise than it was written: does something before the store change bodies?")
    elif found.get("ContentType", "").partition(";")[0] != _TYPE:
        yield fault(
            f"A document of type {_TYPE} is stored under another type. Let Content-Type through whatever is before the "
            "store."
        )
