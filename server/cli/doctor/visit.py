"""One visit to the store: what the checks share, and what has to be cleaned up after them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from server.cli.doctor.finding import Finding, fault, note
from server.cli.doctor.page_requests import PATIENCE_S, Page, page_client
from server.cli.doctor.permission import Action, Denied, advice
from server.errors import StoreError, StoreMisconfigured
from server.settings import Settings
from server.store.profiles import StoreProfile
from server.store.storage import Storage

INTERVIEW = "slipstream-doctor"  # the key of everything that is written begins with it, or with `_tail/` and it


@dataclass(slots=True)
class Visit:
    settings: Settings
    storage: Storage
    page: Page
    session: str  # a new one for each visit: two may be under way
    is_let_in: bool = True  # False once no CORS rule lets the page in: then every reply is hidden from it
    can_list: bool = True  # False once the store has refused s3:ListBucket: then a missing object looks forbidden
    _uploads: list[tuple[str, str]] = field(default_factory=list)  # key and the store's id
    _objects: list[str] = field(default_factory=list)

    @property
    def bucket(self) -> str:
        return self.storage.access.bucket

    @property
    def profile(self) -> StoreProfile:
        return self.storage.access.profile

    @property
    def store_origin(self) -> str:
        """Return where a page sends its parts."""
        return self.storage.urls.origin()

    @property
    def is_page_known(self) -> bool:
        """Return whether the settings say where candidates reach the page."""
        settings = self.settings
        return settings.url is not None or bool(settings.page_origins) or settings.is_embedded

    def is_told(self, denied: Denied) -> bool:
        """Return whether another check has named the reason: without s3:ListBucket, what is missing looks forbidden."""
        return not self.can_list and denied.action in (Action.READ, Action.LIST_PARTS)

    def key(self, name: str) -> str:
        """Return the key of an object of this visit, which is deleted at its end."""
        key = f"{INTERVIEW}/{self.session}/{name}"
        self.will_delete(key)
        return key

    def will_delete(self, key: str) -> None:
        if key not in self._objects:
            self._objects.append(key)

    def will_abort(self, key: str, upload: str) -> None:
        if (key, upload) not in self._uploads:
            self._uploads.append((key, upload))

    def clean_up(self) -> Iterator[Finding]:
        """Abort the uploads and delete the objects of this visit; yield what could not be."""
        yield from self._abort()
        yield from self._delete()

    def _abort(self) -> Iterator[Finding]:
        while self._uploads:
            key, upload = self._uploads.pop()
            try:
                self.storage.multipart.abort(key, upload)
            except StoreMisconfigured as error:
                if error.is_denied:
                    yield fault(advice(Action.ABORT, self.bucket, error.code))
                else:
                    yield fault(f"The store does not abort an upload: {error}")
            except StoreError:
                yield note("The store did not answer in time, so that an open upload may be left in it.")

    def _delete(self) -> Iterator[Finding]:
        is_refused = False
        while self._objects:
            try:
                self.storage.objects.delete(self._objects.pop())
            except StoreError:
                is_refused = True
        if is_refused:
            yield note(
                f"The key may not delete, so that objects of this check stay: delete what is under {INTERVIEW}/. Allow "
                f"it {Action.DELETE} on arn:aws:s3:::{self.bucket}/{INTERVIEW}/*, and where parts are folded on "
                f"arn:aws:s3:::{self.bucket}/_tail/*, which otherwise only the lifecycle rule clears."
            )


@contextmanager
def open_visit(
    settings: Settings, storage: Storage, page_origin: str, *, patience_s: float = PATIENCE_S
) -> Iterator[Visit]:
    """Yield a visit; whatever ends it, clean up after it."""
    with page_client(trust_env=not storage.access.key_id, patience_s=patience_s) as client:
        fix = storage.access.profile.cors_note or f"`python serve.py bucket --apply --url {page_origin}`."
        visit = Visit(settings, storage, Page(client, page_origin, fix), secrets.token_hex(8))
        try:
            yield visit
        finally:
            for _ in visit.clean_up():
                pass


def is_loopback(origin: str) -> bool:
    """Return whether only this machine reaches `origin`."""
    host = urlsplit(origin).hostname or ""
    return host in {"localhost", "::1", "0.0.0.0"} or host.startswith("127.") or host.endswith(".localhost")  # noqa: S104
