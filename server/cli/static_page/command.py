"""`build --static`: check where signer and store are, then write the folder."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from server.build import build
from server.cli.static_page.folder import StaticPage, write_folder
from server.settings import LOOPBACK, ROOT, Settings, SettingsError, exact_origin, origin_of
from server.store.access import own_bucket

_HERE = (LOOPBACK, "::1", "localhost")  # browsers let an https page call http on the same machine alone


def build_static(
    target: Path, signer: str | None, stores: Sequence[str], settings: Settings, console: Console, *, quality: int
) -> None:
    """Build the page for a host without Python. `stores`: none means as the settings say.

    Raises SettingsError or BuildError before anything is written.
    """
    if signer is None:
        raise SettingsError("Say with --signer where the signer answers, for example https://signer.example.org.")
    page = StaticPage(
        signer=_reachable("--signer", signer),
        stores=tuple(_reachable("--store-origin", one) for one in stores or _store_origins(settings)),
        hosts=settings.frame_ancestors,
    )
    build(quality=quality)
    write_folder(ROOT, target, page, quality)
    console.print(f"The page is in {target}. It calls {page.signer}, and sends recordings to {', '.join(page.stores)}.")
    console.print(
        "Set SLIPSTREAM_PAGE_ORIGINS for the signer, and the bucket's CORS rule, to the origin you serve it at."
    )
    console.print("The web server has to send the headers of _headers, _nginx.conf or _caddy.conf: docs/DEPLOYING.md.")


def _store_origins(settings: Settings) -> list[str]:
    if settings.is_embedded:
        raise SettingsError(
            "Say with --store-origin where browsers reach the bucket, or set SLIPSTREAM_S3_BUCKET and the like "
            "as for the signer: the page may connect to no other store."
        )
    gateway = [origin_of(settings.stream_url)] if settings.stream_url else []
    return [own_bucket(settings).urls.origin(), *gateway]


def _reachable(flag: str, text: str) -> str:
    """Return an origin that a page served by https may call. Raises SettingsError."""
    try:
        origin = exact_origin(text)
    except ValueError as error:
        raise SettingsError(f"{flag}: {error}") from error
    url = urlsplit(origin)
    if url.scheme == "http" and url.hostname not in _HERE:
        raise SettingsError(f"{flag}: browsers let no https page call {origin}. Put TLS before it, and name it https.")
    return origin
