"""Google's resumable sessions: one object that is sent in order, in pieces of any multiple of 256 KiB.

Facts from Google's "Resumable uploads", "Perform resumable uploads" and "Initiate a resumable upload" (XML API):

- Whoever knows the session's URI may write into it for a week; no request to it is signed. So it must not be logged.
- The origin that is named at the start decides which pages may read the replies, and must be allowed by the bucket.
- 308 says how much is stored (`Range`; without it, nothing). What is sent again is skipped.
- The object appears when its last byte has come and its size was named; conditions are checked then.
- 404 or 410: the session is over, or never was. A cancelled one is answered with 499.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from server.errors import ObjectExists, StoreMisconfigured, StoreUnavailable, UploadGone
from server.store.client import Bucket
from server.store.error_mapping import store_errors
from server.store.google_signature import signed_headers
from server.store.objects import METADATA_NAME

_STORED = re.compile(r"bytes=0-(\d{1,15})")
_GONE = frozenset({404, 410, 499})
_BUSY = frozenset({408, 425, 429})
_TIMEOUTS_S = (3, 10)  # to connect, and for the next byte of a reply
_CONNECTIONS = 10  # that are kept


class ResumableSessions:
    """Start, ask, end and cancel sessions. A session is named by path and query of its URI."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        proxies = {} if bucket.access.key_id else get_environ_proxies(bucket.endpoint_url)
        # What boto3's clients send with: it follows no redirect, which 308 looks like.
        self._http = URLLib3Session(
            proxies=proxies,
            timeout=_TIMEOUTS_S,  # type: ignore[arg-type]  # it takes a pair, as boto3's clients give it one
            max_pool_connections=_CONNECTIONS,
        )

    def start(self, key: str, content_type: str, token: str, page_origin: str) -> str:
        """Start a session for one object, which replaces none that is there at its end. Return its name."""
        url = f"{self._bucket.endpoint_url}/{quote(f'{self._bucket.name}/{key}')}"
        headers = {
            "content-type": content_type,
            "x-goog-if-generation-match": "0",
            f"x-goog-meta-{METADATA_NAME}": token,
            "x-goog-resumable": "start",
        }
        signed = signed_headers("POST", url, headers, self._bucket.hmac_key(), region=self._bucket.access.region)
        # The origin is not signed: it only has to be the one that the page sends.
        reply = self._send("POST", url, {**signed, "origin": page_origin})
        if reply.status_code not in (200, 201):
            raise _error_of(reply)
        session = urlsplit(reply.headers.get("location", ""))
        if f"{session.scheme}://{session.netloc}" != self._bucket.endpoint_url:
            raise StoreMisconfigured.because("a session at another place")
        return f"{session.path}?{session.query}"

    def stored(self, session: str) -> int | None:
        """Return how many bytes a session has; None if its object is complete. Raises UploadGone, StoreError."""
        return self._ask(session, "bytes */*")

    def finish(self, session: str, size: int) -> int | None:
        """Complete the object if the session has all of its `size` bytes; return the same.

        Raises UploadGone, ObjectExists, StoreError.
        """
        return self._ask(session, f"bytes */{size}")

    def cancel(self, session: str) -> None:
        """Cancel a session; do nothing if it is over. A complete object stays."""
        reply = self._send("DELETE", self._bucket.endpoint_url + session, {})
        if reply.status_code >= 500 or reply.status_code in _BUSY:  # any other answer: there is nothing to cancel
            raise StoreUnavailable

    def page_url(self, session: str) -> str:
        """Return the URL by which a page reaches a session."""
        return (self._bucket.access.public_endpoint or self._bucket.endpoint_url) + session

    def _ask(self, session: str, place: str) -> int | None:
        reply = self._send("PUT", self._bucket.endpoint_url + session, {"content-range": place})
        if reply.status_code in (200, 201):
            return None
        if reply.status_code == 308:
            found = _STORED.fullmatch(reply.headers.get("range", ""))
            return int(found[1]) + 1 if found is not None else 0
        # 400: the session has more bytes than were named, and can never end with fewer.
        if reply.status_code in _GONE or reply.status_code == 400:
            raise UploadGone
        raise _error_of(reply)

    def _send(self, method: str, url: str, headers: Mapping[str, str]) -> AWSResponse:
        """Send a request without a body. Raises StoreUnavailable, whose text quotes no URL."""
        request = AWSRequest(method, url, headers={**headers, "content-length": "0"}, data=b"")
        with self._bucket.calling(store_errors()):
            return self._http.send(request.prepare())


def _error_of(reply: AWSResponse) -> Exception:
    if reply.status_code == 412:
        return ObjectExists()
    if reply.status_code in _BUSY or reply.status_code >= 500:
        return StoreUnavailable()
    return StoreMisconfigured.because(str(reply.status_code))
