"""URLs of the gateway (nginx) before the store: it takes a stream, and passes it on with its length."""

import base64
import hashlib
import time
from urllib.parse import urlsplit

from server.settings import Settings, origin_of

_PREFIX = "/stream"


class StreamGateway:
    """Put a signed URL of the store behind the gateway.

    The URL's own signature proves it to the store, but only after the whole body has come. So the gateway checks an
    MD5 of path, end of life and shared secret first (nginx's `secure_link`), and reads no body that we did not sign.
    """

    def __init__(self, origin: str, secret: str) -> None:
        self.origin = origin
        self._secret = secret

    @classmethod
    def of(cls, settings: Settings) -> "StreamGateway | None":
        """Return the operator's gateway; None if there is none."""
        if settings.stream_url is None or settings.stream_secret is None:
            return None
        return cls(origin_of(settings.stream_url), settings.stream_secret.get_secret_value())

    def url(self, store_url: str, life_s: int) -> str:
        """Return the URL by which a stream reaches `store_url`, for `life_s` seconds from now."""
        there = urlsplit(store_url)
        until = int(time.time()) + life_s
        digest = hashlib.md5(f"{until}{there.path} {self._secret}".encode(), usedforsecurity=False).digest()
        name = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return f"{self.origin}{_PREFIX}/{name}/{until}{there.path}?{there.query}"
