"""Open the store that the settings name, under the profile that fits it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from server.errors import StoreError
from server.settings import LOOPBACK, Settings, SettingsError, origin_of
from server.store.client import StoreAccess
from server.store.embedded import BUCKET, EmbeddedStore, is_taken
from server.store.profiles import EMBEDDED, GENERIC, PROFILES, StoreProfile, of_host, of_reply
from server.store.storage import Storage


@contextmanager
def open_storage(settings: Settings, page_origin: str, *, store_port: int | None = None) -> Iterator[Storage]:
    """Yield the operator's bucket or, if none is set, the embedded store, which stops with the context.

    `store_port` replaces the setting; 0: any free port, for use beside a running server. Raises SettingsError.
    """
    if not settings.is_embedded:
        yield own_bucket(settings)
        return
    with EmbeddedStore(
        settings.data,
        page_origin=page_origin,
        port=settings.store_port if store_port is None else store_port,
        key_id=settings.store_key_id,
        key_secret=_secret(settings),
    ) as store:
        yield embedded(settings, store)


@contextmanager
def open_beside_server(settings: Settings, page_origin: str, tell: Callable[[str], None]) -> Iterator[Storage]:
    """Yield the store for a command that may run while `serve` does. `tell` takes a sentence for the operator.

    The embedded store of a running server is used if the settings name its port and keys: only it knows the uploads
    that are open. Otherwise another one is started over the same folder. Raises SettingsError.
    """
    if settings.is_embedded and (port := settings.store_port) and settings.store_key_id and is_taken(port):
        yield Storage(_embedded_access(settings, f"http://{LOOPBACK}:{port}", settings.store_key_id, _secret(settings)))
        return
    if settings.is_embedded:
        tell(
            "Uploads that are open at a running server's own store are not seen. For that, give it and this command "
            "the same SLIPSTREAM_STORE_PORT, SLIPSTREAM_STORE_KEY_ID and SLIPSTREAM_STORE_KEY_SECRET."
        )
    with open_storage(settings, page_origin, store_port=0) as storage:
        yield storage


def own_bucket(settings: Settings) -> Storage:
    """Return the store that SLIPSTREAM_S3_… names. Credentials are found as AWS's own tools find them.

    If neither the settings nor the host's name tell the profile, the store is asked once. Raises SettingsError.
    """
    if (known := _named_profile(settings)) is not None:
        return Storage(_access(settings, known))
    storage = Storage(_access(settings, GENERIC))
    recognised = _recognised(storage)
    return storage if recognised is None else Storage(_access(settings, recognised))


def embedded(settings: Settings, store: EmbeddedStore) -> Storage:
    """Return the storage of a running embedded store."""
    return Storage(_embedded_access(settings, store.url, store.key_id, store.key_secret))


def _embedded_access(settings: Settings, url: str, key_id: str, key_secret: str | None) -> StoreAccess:
    return StoreAccess(
        bucket=BUCKET,
        region="us-east-1",
        endpoint=url,
        public_endpoint=_public(settings),
        profile=EMBEDDED,
        key_id=key_id,
        key_secret=key_secret,
    )


def _secret(settings: Settings) -> str | None:
    return settings.store_key_secret.get_secret_value() if settings.store_key_secret else None


def _named_profile(settings: Settings) -> StoreProfile | None:
    if settings.s3_profile is not None:
        return PROFILES[settings.s3_profile]
    return of_host(settings.s3_endpoint.host if settings.s3_endpoint else None)


def _recognised(storage: Storage) -> StoreProfile | None:
    try:
        return of_reply(storage.check())
    except StoreError:  # whoever uses the store reports it
        return None


def _access(settings: Settings, profile: StoreProfile) -> StoreAccess:
    return StoreAccess(
        bucket=settings.s3_bucket or BUCKET,
        region=settings.s3_region,
        endpoint=str(settings.s3_endpoint).rstrip("/") if settings.s3_endpoint else None,
        public_endpoint=_public(settings),
        profile=_adjusted(settings, profile),
        encryption=settings.s3_encryption,
        kms_key=settings.s3_kms_key,
    )


def _adjusted(settings: Settings, profile: StoreProfile) -> StoreProfile:
    """Return the profile with what the operator knows better. Raises SettingsError for what cannot work."""
    encryption, is_md5 = settings.s3_encryption, settings.s3_md5_etags
    if encryption is not None and encryption not in profile.encryptions:
        allowed = ", ".join(sorted(profile.encryptions)) or "none: leave it out"
        raise SettingsError(f"SLIPSTREAM_S3_ENCRYPTION={encryption} is not for {profile.title}. It takes {allowed}.")
    if is_md5 is None and encryption is not None and encryption.startswith("aws:kms"):
        is_md5 = False
    adjusted = replace(
        profile,
        min_part_bytes=settings.s3_min_part_bytes or profile.min_part_bytes,
        addressing=settings.s3_addressing or ("path" if settings.s3_endpoint else profile.addressing),
        signs_md5=profile.signs_md5 if settings.s3_signs_md5 is None else settings.s3_signs_md5,
        has_md5_etags=profile.has_md5_etags if is_md5 is None else is_md5,
    )
    if not adjusted.has_md5_etags and not adjusted.signs_md5:
        raise SettingsError(
            "Nothing would prove what the store has received: its ETags are no MD5, and Content-MD5 is not signed. "
            "Set SLIPSTREAM_S3_SIGNS_MD5=true, and let the bucket's CORS rule allow Content-MD5."
        )
    return adjusted


def _public(settings: Settings) -> str | None:
    return origin_of(settings.store_url) if settings.store_url else None
