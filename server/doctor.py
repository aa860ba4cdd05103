"""Look at what is set and at the bucket as a page would, and say what to do about it."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import httpx
from rich.console import Console

from server.access import embedded, own_bucket
from server.embedded_store import EmbeddedStore
from server.interviews import InterviewError, Interviews, read_interview
from server.problems import ProblemError
from server.settings import Settings, SettingsError, origin_of
from server.storage import Storage
from server.store_errors import UploadGone

_LIFE_S = 60
_BODY = b"Slipstream was here."


class UnwellError(Exception):
    """A check failed; `str()` says what to do."""


def examine(settings: Settings, console: Console) -> bool:
    """Make every check; return whether all went well. Leaves nothing in the bucket."""
    passed = [_passes(console, name, check) for name, check in _checks(settings)]  # every one, also after a failure
    return all(passed)


def _checks(settings: Settings) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "ticket secret", settings.ticket_secret
    interviews = Interviews(settings.interviews)
    if not interviews.files():
        yield f"interviews in {settings.interviews}", _no_interviews
    for path in interviews.files():
        yield f"interview {path.stem}", partial(read_interview, path)
    yield "store", lambda: examine_store(settings)


def _no_interviews() -> None:
    raise UnwellError("There is none. Copy static/interviews/demo.toml there.")


def examine_store(settings: Settings) -> None:
    """Do with the store all that a session does with it, as the page's origin."""
    page_origin = origin_of(settings.url) if settings.url else f"http://{settings.host}:{settings.port}"
    with _storage(settings, page_origin) as storage:
        storage.check()
        key = f"slipstream-doctor/{secrets.token_hex(8)}"
        try:
            storage.head(key)
        except ProblemError:
            raise UnwellError(
                "Let the signer list the bucket (s3:ListBucket): it cannot see what is missing."
            ) from None
        upload = storage.create(key, "application/octet-stream", "doctor")
        try:
            _send_part(storage, key, upload, page_origin)
        finally:
            storage.abort(key, upload)
        try:
            storage.parts(key, upload)
        except UploadGone:
            return
        raise UnwellError("The store keeps an upload that was given up. Let the signer abort uploads.")


def _send_part(storage: Storage, key: str, upload: str, page_origin: str) -> None:
    md5 = hashlib.md5(_BODY, usedforsecurity=False)
    url, headers = storage.sign_part(key, upload, 1, size=len(_BODY), md5=md5.hexdigest(), life_s=_LIFE_S)
    asked = ", ".join(headers)
    origin = {"Origin": page_origin}
    with httpx.Client(timeout=20, trust_env=not storage.access.key_id) as client:
        preflight = client.options(
            url,
            headers=origin
            | {"Access-Control-Request-Method": "PUT"}
            | ({"Access-Control-Request-Headers": asked} if asked else {}),
        )
        allowed = preflight.headers.get("access-control-allow-headers", "").lower()
        if not preflight.is_success or not all(name in allowed or allowed == "*" for name in headers):
            raise UnwellError(_cors_advice(page_origin, asked))
        if client.put(url, content=_BODY + b"!", headers=origin | headers).is_success:
            raise UnwellError("The store took another size than was signed. It does not check signatures fully.")
        answer = client.put(url, content=_BODY, headers=origin | headers)
    if not answer.is_success:
        raise UnwellError(f"The store refused a signed part ({answer.status_code}). Check region and credentials.")
    if answer.headers.get("access-control-allow-origin") not in {"*", page_origin}:
        raise UnwellError(_cors_advice(page_origin, asked))
    if "etag" not in answer.headers.get("access-control-expose-headers", "").lower():
        raise UnwellError("The bucket hides ETag from pages. Expose it: `python serve.py bucket --apply --url …`.")
    if answer.headers.get("etag", "").strip('"') != md5.hexdigest():
        raise UnwellError("The ETag of a part is not its MD5 (SSE-KMS?). Slipstream checks every part by it.")


def _cors_advice(page_origin: str, asked: str) -> str:
    what = f" with the headers {asked}" if asked else ""
    return f"Let PUT from {page_origin}{what} through: `python serve.py bucket --apply --url {page_origin}`."


@contextmanager
def _storage(settings: Settings, page_origin: str) -> Iterator[Storage]:
    if not settings.is_embedded:
        yield own_bucket(settings)
        return
    with EmbeddedStore(settings.data, page_origin=page_origin) as store:
        yield embedded(settings, store)


def _passes(console: Console, name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except (SettingsError, InterviewError, UnwellError) as error:
        advice = str(error)
    except ProblemError as error:
        advice = error.problem.detail
    except httpx.HTTPError as error:
        advice = f"The store cannot be reached as a page would reach it ({type(error).__name__})."
    else:
        console.print(f"[green]✓[/] {name}", highlight=False)
        return True
    console.print("[red]✗[/]", end=" ")
    console.print(f"{name}: {advice}", markup=False, highlight=False, soft_wrap=True)
    return False
