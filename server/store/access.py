"""Open the store that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager

from server.settings import Settings, origin_of
from server.store.client import StoreAccess
from server.store.embedded import BUCKET, EmbeddedStore
from server.store.profiles import EMBEDDED
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
        key_secret=settings.store_key_secret.get_secret_value() if settings.store_key_secret else None,
    ) as store:
        yield embedded(settings, store)


def own_bucket(settings: Settings) -> Storage:
    """Return the store that SLIPSTREAM_S3_… names. Credentials are found as AWS's own tools find them."""
    endpoint = str(settings.s3_endpoint).rstrip("/") if settings.s3_endpoint else None
    return Storage(
        StoreAccess(
            bucket=settings.s3_bucket or BUCKET,
            region=settings.s3_region,
            endpoint=endpoint,
            public_endpoint=_public(settings),
            # Not "auto" for AWS: it signs for the global host name, which redirects, and a page cannot follow that.
            addressing=settings.s3_addressing or ("path" if endpoint else "virtual"),
            is_md5_signed=settings.s3_signs_md5,
            keeps_metadata=True,
        )
    )


def embedded(settings: Settings, store: EmbeddedStore) -> Storage:
    """Return the storage of a running embedded store."""
    return Storage(
        StoreAccess(
            bucket=BUCKET,
            region="us-east-1",
            endpoint=store.url,
            public_endpoint=_public(settings),
            addressing="path",
            profile=EMBEDDED,
            is_md5_signed=False,  # its CORS preflight does not allow the header
            keeps_metadata=False,  # in memory only, so lost on a restart
            has_conditions=False,
            key_id=store.key_id,
            key_secret=store.key_secret,
        )
    )


def _public(settings: Settings) -> str | None:
    return origin_of(settings.store_url) if settings.store_url else None
