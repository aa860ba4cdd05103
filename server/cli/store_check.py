"""Make every request that a session makes to the store, as a page would; if one fails, say what to do."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass

import httpx

from app.contract import MIB, UploadPolicy
from server.cli.page_requests import CheckFailed, Page
from server.cli.profile_check import compare
from server.cli.resumable_check import examine_sessions, wants_sessions
from server.errors import StoreError, StoreMisconfigured, UploadGone
from server.settings import Settings
from server.signer.interview_file import InterviewError, read_interview
from server.signer.interviews import Interviews
from server.signer.part_sizes import layout_for, max_bytes, rules_for
from server.signer.policy_check import check_policies
from server.store.access import open_storage
from server.store.profiles import StoreProfile
from server.store.storage import Storage

_LIFE_S = 120  # of a URL; a large part takes long
_PATIENCE_S = 60
_MAX_SENT_BYTES = 64 * MIB  # larger parts would take too long
_DOCUMENT_KEY = "slipstream-doctor/answer.json"  # a fixed key: if it cannot be deleted, at most one object is left
_DOCUMENT = b'{"text": "Slipstream was here."}'


@dataclass(frozen=True, slots=True)
class Examined:
    """A store that passed. `notes` are differences from its profile that harm nobody."""

    profile: StoreProfile
    notes: tuple[str, ...]


def examine_store(settings: Settings) -> Examined:
    """Check the store, as a page of this origin and as the signer use it.

    Raises CheckFailed, SettingsError, StoreError, httpx.HTTPError.
    """
    page_origin = settings.page_origin()
    with open_storage(settings, page_origin, store_port=0) as storage:
        check_policies(settings, storage.access.profile)
        storage.check()
        key = f"slipstream-doctor/{secrets.token_hex(8)}"
        try:
            storage.objects.head(key)
        except StoreError:
            raise CheckFailed(
                "Let the signer list the bucket (s3:ListBucket): it cannot see what is missing."
            ) from None
        part_bytes = min(largest_part(settings, storage.access.profile), _MAX_SENT_BYTES)
        with httpx.Client(timeout=_PATIENCE_S, trust_env=not storage.access.key_id) as client:
            page = Page(client, page_origin)
            upload = storage.multipart.create(key, "application/octet-stream", "doctor")
            try:
                _send_part(storage, page, key, upload, bytes(part_bytes))
            finally:
                storage.multipart.abort(key, upload)
            _send_document(storage, page)
            if storage.access.profile.resumes and wants_sessions(settings):
                examine_sessions(storage, page)
        try:
            storage.multipart.parts(key, upload)
        except UploadGone:
            return _compared(storage)
        except StoreMisconfigured as error:
            raise CheckFailed(
                f"An upload that is over has another error here than in {storage.access.profile.title}: {error} "
                "Is SLIPSTREAM_S3_PROFILE right?"
            ) from None
        raise CheckFailed("The store keeps an upload that was given up. Let the signer abort uploads.")


def _compared(storage: Storage) -> Examined:
    profile, found = storage.access.profile, compare(storage)
    if found.faults:
        faults = "\n".join(found.faults)
        raise CheckFailed(f"{profile.title} (profile {profile.name}) is not as its profile says:\n{faults}")
    return Examined(profile, tuple(found.notes))


def largest_part(settings: Settings, profile: StoreProfile) -> int:
    """Return the size of the largest parts that any interview's page sends, in bytes."""
    base = settings.base_policy()
    sizes = [_largest_of(base, profile, 0)]
    for path in Interviews(settings.interviews).files():
        with suppress(InterviewError):  # reported by its own check
            interview = read_interview(path)
            policy = base.overridden_by(interview.policy)
            sizes += [
                _largest_of(policy, profile, max_bytes(question, track, policy))
                for question in interview.questions
                for track in question.tracks
            ]
    return max(sizes)


def _largest_of(policy: UploadPolicy, profile: StoreProfile, budget: int) -> int:
    return rules_for(layout_for(policy, profile), policy, profile, budget, at_most=None).max_bytes


def _send_part(storage: Storage, page: Page, key: str, upload: str, body: bytes) -> None:
    """Send one part as large as the page's parts: a gateway before the store may refuse that size."""
    md5 = hashlib.md5(body, usedforsecurity=False)
    url, headers = storage.urls.sign_part(key, upload, 1, size=len(body), md5=md5.hexdigest(), life_s=_LIFE_S)
    page.preflight(url, headers)
    if page.put(url, headers, b"another size").is_success:
        raise CheckFailed("The store took another size than was signed. It does not check signatures fully.")
    answer = page.put(url, headers, body)
    page.check(answer, "a part", len(body))
    if "etag" not in answer.headers.get("access-control-expose-headers", "").lower():
        raise CheckFailed("The bucket hides ETag from pages. Expose it: `python serve.py bucket --apply --url …`.")
    if not storage.access.has_md5_etags:
        _send_damaged_part(storage, page, key, upload, body)
    elif answer.headers.get("etag", "").strip('"') != md5.hexdigest():
        raise CheckFailed(
            "The ETag of a part is not its MD5 (does the bucket encrypt with KMS?). Set SLIPSTREAM_S3_MD5_ETAGS=false: "
            "then a signed Content-MD5 proves what has arrived."
        )


def _send_damaged_part(storage: Storage, page: Page, key: str, upload: str, body: bytes) -> None:
    """Send other bytes than the signed MD5 is of: where ETags are no MD5, only the store can find that."""
    other = hashlib.md5(bytes(len(body) - 1) + b"x", usedforsecurity=False).hexdigest()
    url, headers = storage.urls.sign_part(key, upload, 1, size=len(body), md5=other, life_s=_LIFE_S)
    if page.put(url, headers, body).is_success:
        raise CheckFailed(
            "The store takes a part whose Content-MD5 is wrong, and its ETags are no MD5: nothing would prove what has "
            "arrived. Use a bucket without KMS, or another store."
        )


def _send_document(storage: Storage, page: Page) -> None:
    """Send a small JSON document: a bucket's CORS rule may not allow its Content-Type header."""
    md5 = hashlib.md5(_DOCUMENT, usedforsecurity=False).hexdigest()
    url, headers = storage.urls.sign_document(
        _DOCUMENT_KEY, "application/json", size=len(_DOCUMENT), md5=md5, life_s=_LIFE_S
    )
    page.preflight(url, headers)
    try:
        page.check(page.put(url, headers, _DOCUMENT), "a document", len(_DOCUMENT))
    finally:
        # The signer needs no permission to delete. Without it, this one small object stays.
        with suppress(StoreError):
            storage.objects.delete(_DOCUMENT_KEY)
