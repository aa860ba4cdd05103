"""Google's own signature (V4 with an HMAC key), for the calls that S3's cannot make.

A request with S3's signature has `x-amz-…` headers, and Google refuses those beside its own `x-goog-…`. The same key
signs both ways.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

_ALGORITHM = "GOOG4-HMAC-SHA256"
_SERVICE, _REQUEST = "storage", "goog4_request"


@dataclass(frozen=True, slots=True)
class HmacKey:
    id: str
    secret: str


def signed_headers(
    method: str, url: str, headers: Mapping[str, str], key: HmacKey, *, region: str, at: datetime | None = None
) -> dict[str, str]:
    """Return `headers` (names in small letters) and those that sign the request. `at`: None means now.

    `url` has its path quoted already, and no query.
    """
    there = urlsplit(url)
    time = (at or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    ours = {"x-goog-date": time, "x-goog-content-sha256": "UNSIGNED-PAYLOAD"}
    signed = {"host": there.netloc, **headers, **ours}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
    request = "\n".join((method, there.path, "", lines, names, ours["x-goog-content-sha256"]))
    scope = (time[:8], region, _SERVICE, _REQUEST)
    to_sign = "\n".join((_ALGORITHM, time, "/".join(scope), hashlib.sha256(request.encode()).hexdigest()))
    secret = f"GOOG4{key.secret}".encode()
    for step in scope:
        secret = hmac.digest(secret, step.encode(), "sha256")
    signature = hmac.digest(secret, to_sign.encode(), "sha256").hex()
    credential = f"{key.id}/{'/'.join(scope)}"
    return {
        **headers,
        **ours,
        "authorization": f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}",
    }
