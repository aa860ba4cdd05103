"""URLs of parts. botocore evaluates its endpoint rules for every URL, which takes longer than the signature itself.

Scheme, host and path of a bucket, region and service are the same for all its keys: we take them from one URL that
botocore has made, and let its signer sign the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_KEY, _LIFE_S = "key", 60


@dataclass(frozen=True, slots=True)
class Scope:
    """What all URLs of one bucket have in common."""

    base: str  # scheme, host and path, up to where a key begins
    region: str
    service: str


class PartUrls:
    """Sign URLs of parts as botocore does. Every method raises botocore's errors."""

    def __init__(self, client: "S3Client", bucket: str, credentials: Callable[[], ReadOnlyCredentials]) -> None:
        """`credentials` returns those of now: they may be refreshed at any time."""
        self._client = client
        self._bucket = bucket
        self._credentials = credentials
        self._scope: Scope | None = None  # not asked for yet: at the start there may be no credentials

    def sign(self, key: str, upload: str, number: int, headers: Mapping[str, str], life_s: int) -> str:
        """Return a URL for one part, to be sent with exactly these headers."""
        scope = self._scope or self._find_scope()
        query = urlencode({"partNumber": number, "uploadId": upload}, quote_via=quote, safe="-._~")
        request = AWSRequest("PUT", f"{scope.base}{quote(key, safe='/~')}?{query}", dict(headers))
        S3SigV4QueryAuth(self._credentials(), scope.service, scope.region, life_s).add_auth(request)
        return str(request.url)

    def _find_scope(self) -> Scope:
        params = {"Bucket": self._bucket, "Key": _KEY, "UploadId": "id", "PartNumber": 1}
        url = urlsplit(self._client.generate_presigned_url("upload_part", params, _LIFE_S))
        # Behind the key's id, in which a slash may stand: day, region, service, "aws4_request".
        _, _, region, service, _ = parse_qs(url.query)["X-Amz-Credential"][0].rsplit("/", 4)
        self._scope = Scope(f"{url.scheme}://{url.netloc}{url.path.removesuffix(_KEY)}", region, service)
        return self._scope
