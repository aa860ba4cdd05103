"""boto3 clients for one bucket: how it is reached, and how many calls may wait for it at once."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, TypedDict

import boto3
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError

from server.errors import StoreUnavailable
from server.metrics import watch_store
from server.store.credentials import life_s
from server.store.error_mapping import store_errors
from server.store.google_signature import HmacKey
from server.store.profiles import Encryption, StoreProfile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CALLS_AT_ONCE = 40  # to the store, from all threads
_WAIT_S = 2.0  # for one of these calls to end
_READ_S = 10.0  # for the next byte of a reply
_ASSEMBLING_S = 60.0  # the same, while the store assembles an object


class _Place(TypedDict):
    Bucket: str
    Key: str


@dataclass(frozen=True, slots=True)
class StoreAccess:
    """How to reach one bucket."""

    bucket: str
    region: str
    endpoint: str | None  # None: AWS
    public_endpoint: str | None  # None: the page uses the same endpoint as the signer
    profile: StoreProfile  # adjusted to the settings
    encryption: Encryption | None = None  # named in every write; None: the bucket's own default
    kms_key: str | None = None  # None: the account's default key
    key_id: str | None = None  # None: boto3 looks for credentials in its usual places
    key_secret: str | None = None

    @property
    def is_md5_signed(self) -> bool:
        return self.profile.signs_md5

    @property
    def has_md5_etags(self) -> bool:
        """False, e.g. with KMS: then the MD5 is signed, as the only proof."""
        return self.profile.has_md5_etags

    @property
    def keeps_metadata(self) -> bool:
        return self.profile.keeps_metadata

    @property
    def has_conditions(self) -> bool:
        """Whether the store may support `If-None-Match: *`."""
        return self.profile.has_conditions

    def encryption_params(self) -> "EncryptionParams":
        """Return the arguments by which boto3 encrypts what it creates: an object or a multipart upload."""
        params: EncryptionParams = {}
        if self.encryption is not None:
            params["ServerSideEncryption"] = self.encryption
        if self.kms_key is not None:
            params["SSEKMSKeyId"] = self.kms_key
        return params


class EncryptionParams(TypedDict, total=False):
    ServerSideEncryption: Encryption
    SSEKMSKeyId: str


class Bucket:
    """One bucket, and the clients that call it."""

    def __init__(self, access: StoreAccess) -> None:
        self.access = access
        self.name = access.bucket
        self.client = _client(access, access.endpoint)
        self.patient_client = _client(access, access.endpoint, _ASSEMBLING_S)
        self.public_client = _client(access, access.public_endpoint) if access.public_endpoint else self.client
        # boto3.client has made this session. Its credentials are the clients' own: refreshed once, they serve all.
        shared = None if access.key_id else boto3.DEFAULT_SESSION
        self._credentials = None if shared is None else shared.get_credentials()
        self._free = BoundedSemaphore(_CALLS_AT_ONCE)

    def credentials_life_s(self) -> float:
        """Return how long the credentials are good, in seconds; no signed URL outlives them. Raises StoreError."""
        return life_s(self._credentials, store_errors())

    @property
    def endpoint_url(self) -> str:
        """Return scheme and host at which the signer reaches the store."""
        return self.client.meta.endpoint_url.rstrip("/")

    def credentials(self) -> ReadOnlyCredentials:
        """Return what the clients sign with now. Raises botocore's errors."""
        if self.access.key_id and self.access.key_secret:
            return ReadOnlyCredentials(self.access.key_id, self.access.key_secret, None)
        if self._credentials is None:
            raise NoCredentialsError
        return self._credentials.get_frozen_credentials()

    def hmac_key(self) -> HmacKey:
        """Return the key that the clients sign with. Raises StoreMisconfigured if there is none."""
        with store_errors():
            found = self.credentials()
        return HmacKey(found.access_key or "", found.secret_key or "")

    @contextmanager
    def calling(self, errors: AbstractContextManager[None]) -> Iterator[None]:
        """Limit the calls in progress: a store that hangs must not block ever more threads.

        Raises StoreUnavailable if none of them ends in time. `errors` maps the store's errors to ours.
        """
        if not self._free.acquire(timeout=_WAIT_S):
            raise StoreUnavailable
        try:
            with errors:
                yield
        finally:
            self._free.release()

    def at(self, key: str) -> _Place:
        """Return the arguments by which boto3 names an object."""
        return {"Bucket": self.name, "Key": key}


def _client(access: StoreAccess, endpoint: str | None, read_s: float = _READ_S) -> "S3Client":
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": access.profile.addressing},
        # "when_supported" would sign the checksum of an empty body into every part's URL.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=3,
        read_timeout=read_s,
        # The page retries, for longer. A slow call is tried only once here, because it occupies a thread.
        retries={"mode": "standard", "total_max_attempts": 2 if read_s == _READ_S else 1},
        max_pool_connections=_CALLS_AT_ONCE,
        proxies={} if access.key_id else None,  # the system's proxy cannot reach the embedded store
    )
    client: S3Client = boto3.client(
        "s3",
        region_name=access.region,
        endpoint_url=endpoint,
        aws_access_key_id=access.key_id,
        aws_secret_access_key=access.key_secret,
        config=config,
    )
    watch_store(client.meta.events.register)
    client.meta.events.register_last("before-parameter-build.s3", _follow_no_redirect)
    return client


def _follow_no_redirect(context: dict[str, Any], **_: object) -> None:
    """Keep botocore from following a redirect to another region. A page cannot, and a redirect to nowhere never ends.

    So a wrong region is an error from the first call on, and `Storage.check` names the right one.
    """
    context.setdefault("s3_redirect", {})["redirected"] = True
