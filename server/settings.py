"""Settings: from flags, then SLIPSTREAM_* variables, then these defaults."""

import base64
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, AnyHttpUrl, Field, JsonValue, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.contract import MAX_PART_BYTES, UploadPolicy
from server.flagd_address import FlagdAddress
from server.ticket_secrets import SecretsUnusable, kept_secrets, why_weak

ROOT = Path(__file__).resolve().parent.parent
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9-]+(\.[a-z0-9-]+)*)(:[0-9]{1,5})?")  # no text of a header fits
LOOPBACK = "127.0.0.1"
ProfileName = Literal[
    "aws", "r2", "b2", "minio", "ceph", "gcs", "digitalocean", "wasabi", "seaweedfs", "embedded", "generic"
]


class SettingsError(Exception):
    """An operator must change something; `str()` says what."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="SLIPSTREAM_", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    host: str = LOOPBACK
    port: int = Field(default=8000, ge=0, le=65_535)  # 0: any free port
    url: AnyHttpUrl | None = None  # how candidates reach the page, if a proxy is in front of it
    data: Path = Path("recordings")
    audit: Path | None = None  # what operators do with stored sessions, a line each; None: audit.jsonl in `data`
    interviews: Path = ROOT / "static" / "interviews"
    secret: SecretStr | None = None  # None: generated once and kept beside the data
    # Secrets of before, with blanks between: they sign nothing any more, and what they have signed stays good.
    old_secrets: SecretStr | None = None
    revoked: Path | None = None  # list of sessions whose tickets are refused; None: revoked.txt beside the data
    frame_ancestors: Annotated[tuple[str, ...], NoDecode] = ()  # origins that may embed the page
    page_origins: Annotated[tuple[str, ...], NoDecode] = ()  # where the page is, if the signer does not serve it
    policy: dict[str, JsonValue] = Field(default_factory=dict)  # overrides of UploadPolicy, as JSON

    # Notation of the library `limits`; "": no limit.
    ticket_rate: str = "100/second;3000/minute"
    address_rate: str = "30000/minute"  # a university's candidates may all have one address
    rate_store: str = "memory://"  # where calls are counted; many signers count together in redis://…

    drain_s: float = Field(default=0, ge=0, le=300)  # from SIGTERM to the end; /api/health answers 503 meanwhile
    operator_keys: SecretStr | None = None  # of programs that make tickets, with blanks between; None: nobody may
    webhook_url: AnyHttpUrl | None = None  # told of each submitted session; None: nobody is
    webhook_secret: SecretStr | None = None  # shared with it, which checks by it who calls

    metrics_token: SecretStr | None = None  # for GET /metrics; None: callers on this machine need none, others get 404
    flags: Path | FlagdAddress | None = None  # feature flags: a file in flagd's JSON format, or a flagd; None: none

    store_port: int = Field(default=0, ge=0, le=65_535)  # of the embedded store; 0: any free port
    store_url: AnyHttpUrl | None = None  # how the page reaches the store, if not by the signer's endpoint
    store_key_id: str | None = None  # of the embedded store; None: random at every start
    store_key_secret: SecretStr | None = None

    stream_url: AnyHttpUrl | None = None  # of the gateway before the store that takes streams; None: there is none
    stream_secret: SecretStr | None = None  # shared with the gateway, which refuses what we have not signed

    s3_endpoint: AnyHttpUrl | None = None  # None while a bucket is set: AWS itself
    s3_bucket: str | None = None
    s3_region: str = Field(
        default="us-east-1",
        validation_alias=AliasChoices("SLIPSTREAM_S3_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"),
    )
    s3_profile: ProfileName | None = None  # what kind of store it is; None: recognised
    # These correct the profile; None: as it says.
    s3_addressing: Literal["auto", "path", "virtual"] | None = None  # None: path with an endpoint, virtual at AWS
    s3_signs_md5: bool | None = None  # needs a CORS rule that allows Content-MD5
    s3_md5_etags: bool | None = None  # false: ETags are no MD5, e.g. because the bucket encrypts with KMS by itself
    s3_min_part_bytes: int | None = Field(default=None, ge=1, le=MAX_PART_BYTES)  # of every part but the last; 1: none
    s3_encryption: Literal["AES256", "aws:kms", "aws:kms:dsse"] | None = None  # None: the bucket's own default
    s3_kms_key: str | None = None  # None: the account's default key

    @field_validator("frame_ancestors", "page_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("frame_ancestors", "page_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(exact_origin(origin) for origin in value)

    @field_validator("flags", mode="before")
    @classmethod
    def _may_be_served(cls, value: object) -> object:
        return FlagdAddress.parse(value) if isinstance(value, str) and "://" in value else value

    @field_validator("stream_url")
    @classmethod
    def _can_take_streams(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value is not None and (value.scheme != "https" or value.path not in (None, "/")):
            raise ValueError("streams need HTTP/2, and so TLS: set an origin such as https://stream.example.org")
        return value

    @field_validator("secret", "stream_secret")
    @classmethod
    def _is_strong(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and (fault := why_weak(value.get_secret_value())) is not None:
            raise ValueError(fault)
        return value

    @field_validator("old_secrets", "operator_keys")
    @classmethod
    def _are_strong(cls, value: SecretStr | None) -> SecretStr | None:
        for old in value.get_secret_value().split() if value is not None else ():
            if (fault := why_weak(old)) is not None:
                raise ValueError(fault)
        return value

    @field_validator("policy")
    @classmethod
    def _is_policy(cls, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
        UploadPolicy().overridden_by(value)
        return value

    @model_validator(mode="after")
    def _names_a_key_for_kms(self) -> Self:
        if self.s3_kms_key is not None and (self.s3_encryption is None or self.s3_encryption == "AES256"):
            raise ValueError("SLIPSTREAM_S3_KMS_KEY needs SLIPSTREAM_S3_ENCRYPTION=aws:kms (or aws:kms:dsse)")
        return self

    @field_validator("webhook_url")
    @classmethod
    def _is_private(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value is not None and value.scheme != "https" and value.host not in (LOOPBACK, "localhost", "[::1]"):
            raise ValueError("names of candidates go there: use https")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_of_standard_webhooks(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_webhook_secret(value.get_secret_value()):
            raise ValueError("write whsec_ and at least 24 random bytes in Base64, as Standard Webhooks says")
        return value

    @model_validator(mode="after")
    def _signs_what_it_tells(self) -> Self:
        if (self.webhook_url is None) != (self.webhook_secret is None):
            raise ValueError("set both SLIPSTREAM_WEBHOOK_URL and SLIPSTREAM_WEBHOOK_SECRET, or neither")
        return self

    @model_validator(mode="after")
    def _shares_a_secret_with_the_gateway(self) -> Self:
        if (self.stream_url is None) != (self.stream_secret is None):
            raise ValueError("set both SLIPSTREAM_STREAM_URL and SLIPSTREAM_STREAM_SECRET, or neither")
        return self

    @property
    def is_embedded(self) -> bool:
        """Return whether `python serve.py` starts its own store."""
        return self.s3_bucket is None and self.s3_endpoint is None

    @property
    def is_local(self) -> bool:
        """Return whether only this machine reaches the signer, as far as the settings tell."""
        return self.url is None and not self.page_origins and self.host in (LOOPBACK, "::1", "localhost")

    def page_origin(self) -> str:
        """Return the origin of the page, as far as the settings tell: port 0 becomes another one at the start."""
        if self.page_origins:
            return self.page_origins[0]
        return origin_of(self.url) if self.url else f"http://{self.host}:{self.port}"

    def base_policy(self) -> UploadPolicy:
        """Return the policy that interviews and tickets may override."""
        return UploadPolicy().overridden_by(self.policy)

    @property
    def audit_file(self) -> Path:
        return self.audit or self.data / "audit.jsonl"

    def ticket_secrets(self) -> tuple[str, ...]:
        """Return the secrets: the first one signs, all verify. Generate one on first use.

        Raises SettingsError if they can be neither read nor written.
        """
        if self.secret is None:
            try:
                return kept_secrets(self.secrets_file)
            except SecretsUnusable as error:
                raise SettingsError(str(error)) from error
        old = self.old_secrets.get_secret_value().split() if self.old_secrets is not None else []
        return (self.secret.get_secret_value(), *old)

    @property
    def secrets_file(self) -> Path:
        """Return where the secrets are kept, unless SLIPSTREAM_SECRET is set."""
        return self.data / ".ticket-secret"

    @property
    def revoked_file(self) -> Path:
        return self.revoked or self.data / "revoked.txt"


def exact_origin(text: str) -> str:
    """Return an origin as browsers write it.

    Raises ValueError: `*` or a path would allow more than intended, and a semicolon begin another directive of the CSP.
    """
    written = text.rstrip("/").lower()
    if not _ORIGIN.fullmatch(written) or origin_of(AnyHttpUrl(written)) != written:
        raise ValueError(f"{text!r} is not an origin such as https://jobs.example.org")
    return written


def _is_webhook_secret(text: str) -> bool:
    try:
        return text.startswith("whsec_") and len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) >= 24
    except ValueError:
        return False


def origin_of(url: AnyHttpUrl) -> str:
    """Return scheme://host[:port], without the scheme's default port."""
    is_usual = url.port == {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{url.host}" + ("" if is_usual else f":{url.port}")
